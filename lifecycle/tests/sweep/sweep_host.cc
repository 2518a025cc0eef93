// The program that the sweep runs: a host that starts, uses and stops a sidecar.
//
//   sweep_host DATA_DIR group|keeper
//
// It sends itself SIGSTOP where the tracer is to switch its injection on or off (traced_run.h). It
// judges what only a host can see, and prints a line that begins with "broken:" for each promise
// that the library has broken. Without a tracer it stops there.

#include <sched.h>
#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>

#include "lifecycle/tests/sweep/health_call.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLimit{4'000};  // of each phase
/// An Ensure takes two phases at most, a Shutdown one. The rest is for a machine under load.
constexpr milliseconds kLongestStep{5 * kLimit};
constexpr size_t kLongestMessage = 2'000;

void Broken(const std::string& promise) { std::cout << "broken: " << promise << std::endl; }

void ToggleInjection() { ::raise(SIGSTOP); }

/// Prints the line and checks the time of what happened since it was made.
class Step {
 public:
  explicit Step(std::string name) : name_(std::move(name)) {}
  void Ended(const std::string& how) const {
    const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin_);
    lines_ += name_ + ": " + how + " (" + std::to_string(took.count()) + " ms)\n";
    if (took > kLongestStep) Broken(name_ + " took " + std::to_string(took.count()) + " ms");
  }
  void Failed(const LifecycleError& error) const {
    Ended(std::string(ErrorKindName(error.kind)) + ": " + error.message);
    if (error.message.empty()) Broken(name_ + ": an error without a message");
    if (error.message.size() > kLongestMessage) Broken(name_ + ": a message without a bound");
    if (error.message.find('\n') != error.message.npos) Broken(name_ + ": more than one line");
  }
  /// Printed at the end, because printing makes system calls, too.
  static const std::string& Lines() { return lines_; }

 private:
  static inline std::string lines_;
  const std::string name_;
  const steady_clock::time_point begin_ = steady_clock::now();
};

/// Ensure and one call. Returns whether both succeeded.
bool Use(SidecarLifecycle* lifecycle) {
  const Step ensure("Ensure");
  const auto live = lifecycle->Ensure();
  if (!live) {
    ensure.Failed(live.error());
    return false;
  }
  ensure.Ended("a sidecar");
  const Step call("Health");
  const auto failure = CallHealth(*live);
  if (!failure) {
    call.Ended("OK");
    return true;
  }
  call.Failed(*failure);
  return false;
}

void Stop(SidecarLifecycle* lifecycle) {
  const Step shutdown("Shutdown");
  const auto report = lifecycle->Shutdown();
  shutdown.Ended(!report             ? "nothing to stop"
                 : report->exit_code ? "exit status " + std::to_string(*report->exit_code)
                 : report->signal    ? "signal " + std::to_string(*report->signal)
                                     : "status unknown");
}

/// What the descriptors of this process lead to, and how many lead there.
std::map<std::string, int> Descriptors() {
  std::map<std::string, int> links;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code closed;  // the iterator's own, or one that another thread closes just now
    std::string link = std::filesystem::read_symlink(entry.path(), closed);
    if (closed) continue;
    // "socket:[123]": the number is another one each time.
    link.erase(
        std::remove_if(link.begin(), link.end(), [](char c) { return c >= '0' && c <= '9'; }),
        link.end());
    ++links[link];
  }
  return links;
}

/// The links of more descriptors than before.
std::string DescriptorsLeft(const std::map<std::string, int>& before) {
  std::string left;
  for (const auto& [link, count] : Descriptors()) {
    const auto old = before.find(link);
    if (old == before.end() || old->second < count) left += " " + link;
  }
  return left;
}

void CheckNothingIsLeft(const std::map<std::string, int>& before) {
  siginfo_t child{};
  if (::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD) {
    Broken("a child process is left");
  }
  // gRPC closes its descriptors on threads of its own, and there is nothing else to wait for.
  const auto limit = steady_clock::now() + kLimit;
  while (!DescriptorsLeft(before).empty() && steady_clock::now() < limit) ::sched_yield();
  const std::string left = DescriptorsLeft(before);
  if (!left.empty()) Broken("descriptors are left:" + left);
}

void Live(const SidecarConfig& config, const LifecycleOptions& options) {
  {
    SidecarLifecycle lifecycle(config, options);
    ToggleInjection();
    Use(&lifecycle);
    Stop(&lifecycle);
    ToggleInjection();
    if (!Use(&lifecycle)) Broken("the next Ensure does not work");
    ToggleInjection();
    Stop(&lifecycle);
  }
  ToggleInjection();
  SidecarLifecycle another(config, options);
  if (!Use(&another)) Broken("the Ensure of another lifecycle does not work");
  Stop(&another);
}

int Main(const std::string& data_dir, const std::string& containment) {
  Environment environment = Environment::OfThisProcess();
  environment.Set("ZLAYER_BUILDD_BIN", FAKE_BUILDD_PATH);
  environment.Set("ZLAYER_DATA_DIR", data_dir);
  LifecycleOptions options;
  options.environment = environment;
  options.containment = containment == "group" ? Containment::group : Containment::keeper;
  options.handshake_timeout = options.connect_timeout = kLimit;
  options.rpc_timeout = options.grace = kLimit;
  auto before = Descriptors();
  // gRPC 1.51 keeps two of each until the process ends: one pair for its event engine, one for
  // ev_epoll1.
  before["anon_inode:[eventpoll]"] += 2;
  before["anon_inode:[eventfd]"] += 2;
  Live(SidecarConfig{}, options);
  CheckNothingIsLeft(before);
  // From here on only destructors of static objects run, which are gRPC's: verdict.cc.
  std::cout << Step::Lines() << "done" << std::endl;
  return 0;
}

}  // namespace
}  // namespace zlayer::sidecar

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: sweep_host DATA_DIR group|keeper\n";
    return 2;
  }
  return zlayer::sidecar::Main(argv[1], argv[2]);
}
