#include "scenarios/runner/clients/host_condition.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/ranges.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <deque>
#include <memory>

namespace zlayer::scenarios {
namespace {

/// How many siblings run at once. Each lives until eight younger ones run, so a descriptor that
/// leaks into a sibling stays open for a while.
constexpr size_t kSiblings = 8;

/// Links of open descriptors above 2 that are not files, such as "3 -> pipe:[4711]". The number
/// tells links of the same name apart. `process` is a pid or "self".
std::set<std::string> Descriptors(const std::string& process) {
  std::set<std::string> links;
  const std::string directory = "/proc/" + process + "/fd";
  const std::unique_ptr<DIR, int (*)(DIR*)> open(opendir(directory.c_str()), &closedir);
  while (const dirent* entry = open ? readdir(open.get()) : nullptr) {
    char link[256];
    const ssize_t size = readlink((directory + "/" + entry->d_name).c_str(), link, sizeof link);
    const std::string number = entry->d_name;
    if (size <= 0 || number == "0" || number == "1" || number == "2") continue;
    const std::string_view target(link, static_cast<size_t>(size));
    if (target.starts_with('/')) continue;  // files: a sibling that starts opens its libraries
    links.insert(fmt::format("{} -> {}", number, target));
  }
  return links;
}

/// Starts a program that does nothing; -1 when it cannot be started. posix_spawn returns after the
/// exec, which closes the close-on-exec descriptors: what the sibling has open from then on has
/// leaked.
pid_t StartSibling() {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (const int fd : {0, 1, 2}) {
    posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  }
  char name[] = "sleep";
  char seconds[] = "60";
  char* const argv[] = {name, seconds, nullptr};
  char* const environment[] = {nullptr};
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/bin/sleep", &actions, nullptr, argv, environment);
  posix_spawn_file_actions_destroy(&actions);
  return error == 0 ? pid : -1;
}

void KillAndReap(pid_t pid) {
  kill(pid, SIGKILL);
  while (waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void ReapEverything(int /*signal*/) {
  const int error = errno;
  while (waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  errno = error;
}

}  // namespace

HostCondition::HostCondition(v1::World::Host host) {
  handles_sigchld_ = host == v1::World::IGNORES_SIGCHLD || host == v1::World::REAPS_EVERYTHING;
  if (handles_sigchld_) {
    struct sigaction action {};
    action.sa_handler = host == v1::World::IGNORES_SIGCHLD ? SIG_IGN : &ReapEverything;
    action.sa_flags = SA_RESTART;
    sigaction(SIGCHLD, &action, &before_);
  }
  if (host != v1::World::STARTS_SIBLINGS) return;
  own_ = Descriptors("self");
  starter_ = std::jthread([this](const std::stop_token& stop) { StartSiblings(stop); });
}

HostCondition::~HostCondition() {
  starter_ = {};
  if (handles_sigchld_) sigaction(SIGCHLD, &before_, nullptr);
}

void HostCondition::StartSiblings(const std::stop_token& stop) {
  std::deque<pid_t> running;
  while (!stop.stop_requested()) {
    const pid_t pid = StartSibling();
    if (pid < 0) break;
    running.push_back(pid);
    const std::set<std::string> inherited = Descriptors(std::to_string(pid));
    {
      const std::lock_guard lock(mutex_);
      ++siblings_;
      for (const std::string& link : inherited) {
        if (!own_.contains(link)) leaked_.insert(link);
      }
    }
    started_.notify_all();
    if (running.size() < kSiblings) continue;
    KillAndReap(running.front());
    running.pop_front();
  }
  for (const pid_t pid : running) KillAndReap(pid);
}

std::string HostCondition::AwaitSibling(std::chrono::milliseconds limit) {
  if (!starter_.joinable()) return "world.host is not STARTS_SIBLINGS";
  std::unique_lock lock(mutex_);
  // The next sibling may have been started before this call, so wait for the second.
  const size_t enough = siblings_ + 2;
  if (!started_.wait_for(lock, limit, [&] { return siblings_ >= enough; })) {
    return "no sibling could be started";
  }
  return fmt::format("{}", fmt::join(leaked_, ", "));
}

}  // namespace zlayer::scenarios
