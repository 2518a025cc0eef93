#include "fakes/src/upstream/start_guardian.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "fakes/src/base/before_end.h"
#include "fakes/src/base/monotonic.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/signals.h"
#include "fakes/src/upstream/guardian.h"
#include "fakes/src/upstream/program_arguments.h"

namespace zlayer::fakes::daemon {
namespace {

/// Longest time for the guardian to end everything, when the fake ends first.
constexpr std::int64_t kEndNs = 2'000'000'000;
/// The guardian's own limit comes behind the lifetime: the fake must end first, with its own
/// status.
constexpr std::int64_t kBehindLifetimeNs = 500'000'000;

// For EndNow(), which may run in a signal handler. Set before it is registered.
int guardian_channel = -1;
int guardian_pidfd = -1;
std::atomic<bool> is_ending = false;

/// Ends the program and waits until nothing is left of it. Async-signal-safe.
void EndNow() {
  is_ending = true;
  (void)!send(guardian_channel, &kEndAll, sizeof kEndAll, MSG_NOSIGNAL | MSG_DONTWAIT);
  const std::int64_t deadline = MonotonicNs() + kEndNs;
  pollfd ended{.fd = guardian_pidfd, .events = POLLIN, .revents = 0};
  while (poll(&ended, 1, MillisecondsUntil(deadline)) < 0) {
  }
}

std::int64_t GuardianDeadline() {
  const std::int64_t left_us = RemainingLifetimeUs();
  return left_us == kUntilKilled ? kNoDeadline
                                 : MonotonicNs() + left_us * 1'000 + kBehindLifetimeNs;
}

tl::unexpected<Failure> CannotExecute(const std::string& path, int error) {
  return BadInput("upstream.path: " + path + ": " + std::strerror(error));
}

/// Forks the guardian with every signal blocked; it never unblocks them.
pid_t ForkGuardian(const Program& program, const Custody& custody) {
  const std::int64_t deadline = GuardianDeadline();
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t guardian = fork();
  if (guardian == 0) RunGuardian(program, custody, deadline);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return guardian;
}

/// The limit that the spawner has set. BoundMemory() has lowered the soft one.
rlimit UnboundedMemory() {
  rlimit memory{};
  getrlimit(RLIMIT_DATA, &memory);
  memory.rlim_cur = memory.rlim_max;
  return memory;
}

/// Waits until execve(2) has succeeded or failed. Returns errno; 0: the program runs.
int AwaitExecution(int failed) {
  int error = 0;
  while (read(failed, &error, sizeof error) < 0 && errno == EINTR) {
  }
  return error;
}

}  // namespace

Result<void> CheckUpstream(const std::string& path) {
  if (const char* front = std::getenv(kIsUpstream)) {
    return BadInput("upstream: this fake is the upstream of another fake, process " +
                    std::string(front) + ", and cannot have one itself");
  }
  struct stat file {};
  if (stat(path.c_str(), &file) != 0 || access(path.c_str(), X_OK) != 0) {
    return CannotExecute(path, errno);
  }
  return S_ISREG(file.st_mode) ? Result<void>() : CannotExecute(path, EACCES);
}

Result<Guarded> StartGuarded(const std::string& path, const char* const* argv, int out) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return StartFailedErrno("socketpair");
  }
  Guarded guarded{UniqueFd(ends[0])};
  UniqueFd guardians_end(ends[1]);
  if (pipe2(ends, O_CLOEXEC) != 0) return StartFailedErrno("pipe");
  const UniqueFd failed(ends[0]);
  UniqueFd fails(ends[1]);
  const UniqueFd self(static_cast<int>(syscall(SYS_pidfd_open, getpid(), 0)));
  if (!self) return StartFailedErrno("pidfd_open");
  std::vector<std::string> words = UpstreamArguments(path, argv);
  std::vector<std::string> variables = UpstreamEnvironment();
  const std::vector<char*> arguments = Pointers(words);
  const std::vector<char*> environment = Pointers(variables);
  const pid_t guardian = ForkGuardian(
      {path.c_str(), arguments.data(), environment.data(), out, fails.get(), UnboundedMemory()},
      {guardians_end.get(), self.get()});
  if (guardian < 0) return StartFailedErrno("fork");
  guardian_channel = guarded.channel.get();
  guardian_pidfd = static_cast<int>(syscall(SYS_pidfd_open, guardian, 0));
  BeforeEnd(&EndNow);
  guardians_end.Reset();
  fails.Reset();
  if (const int error = AwaitExecution(failed.get()); error != 0) return CannotExecute(path, error);
  Report started{};
  if (recv(guarded.channel.get(), &started, sizeof started, 0) != sizeof started) {
    return StartFailed("the guardian of the upstream was killed");
  }
  guarded.program = started.value;
  return guarded;
}

bool IsEnding() { return is_ending; }

}  // namespace zlayer::fakes::daemon
