#include "fakes/src/upstream/guardian.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/upstream/end_children.h"

namespace zlayer::fakes::daemon {
namespace {

/// Longest time for the upstream's processes to die by SIGKILL.
constexpr std::int64_t kDeathNs = 5'000'000'000;

/// The guardian's descriptors, at the numbers of the standard streams: it must not hold the
/// client's pipes open.
enum Place : int { kChannel = 0, kFake = 1, kChildren = 2 };

void Send(int channel, Report report) {
  (void)!send(channel, &report, sizeof report, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/// Signals as a program expects them: none blocked, none ignored.
void ResetSignals() {
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &by_default, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void Fail(const Program& program) {
  const int error = errno;
  (void)!write(program.failed, &error, sizeof error);
  _exit(1);
}

/// In the new process: becomes the program. It has a process group of its own, because what it
/// sends to its group must not reach the guardian.
[[noreturn]] void Become(const Program& program, pid_t guardian) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != guardian) _exit(1);  // the guardian was killed before the line above
  setpgid(0, 0);
  setrlimit(RLIMIT_DATA, &program.memory);
  if (program.out >= 0) dup2(program.out, STDOUT_FILENO);
  ResetSignals();
  execve(program.path, program.argv, program.environment);
  Fail(program);
}

/// Keeps only the three descriptors that the guardian needs.
void KeepOnly(const Custody& custody, int children) {
  constexpr int kFirstFree = kChildren + 1;
  const int channel = fcntl(custody.channel, F_DUPFD, kFirstFree);
  const int fake = fcntl(custody.fake, F_DUPFD, kFirstFree);
  const int ended = fcntl(children, F_DUPFD, kFirstFree);
  if (dup2(channel, kChannel) < 0 || dup2(fake, kFake) < 0 || dup2(ended, kChildren) < 0) _exit(1);
  close_range(kFirstFree, ~0U, 0);
}

/// Reaps all children that have ended. The program's status, if it is among them.
std::optional<int> Reap(pid_t program) {
  signalfd_siginfo info{};
  (void)!read(kChildren, &info, sizeof info);
  std::optional<int> ended;
  int status = 0;
  for (pid_t child; (child = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (child == program) ended = status;
  }
  return ended;
}

/// Carries out an order. False when everything must end.
bool Obey(pid_t program) {
  int order = kEndAll;
  const ssize_t size = recv(kChannel, &order, sizeof order, MSG_DONTWAIT);
  if (size < 0) return errno == EAGAIN || errno == EINTR;
  if (size != sizeof order || order == kEndAll) return false;
  kill(program, order);  // not reaped yet, so the number is still the program's
  return true;
}

}  // namespace

void RunGuardian(const Program& program, const Custody& custody, std::int64_t deadline_ns) {
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "fake-guardian");
  sigset_t child_ended;
  sigemptyset(&child_ended);
  sigaddset(&child_ended, SIGCHLD);
  const int children = signalfd(-1, &child_ended, SFD_NONBLOCK | SFD_CLOEXEC);
  const pid_t guardian = getpid();
  const pid_t child = _Fork();  // fork(2) without the handlers of libraries
  if (child == 0) Become(program, guardian);
  if (child < 0) Fail(program);
  KeepOnly(custody, children);
  Send(kChannel, {Report::started, child});
  std::optional<int> status;
  for (bool goes_on = true; goes_on && !status;) {
    pollfd fds[] = {{.fd = kChannel, .events = POLLIN, .revents = 0},
                    {.fd = kFake, .events = POLLIN, .revents = 0},
                    {.fd = kChildren, .events = POLLIN, .revents = 0}};
    poll(fds, 3, MillisecondsUntil(deadline_ns));
    if (fds[2].revents != 0) status = Reap(child);
    if (fds[0].revents != 0 && !status) goes_on = Obey(child);
    if (fds[1].revents != 0 || MonotonicNs() >= deadline_ns) goes_on = false;
  }
  EndChildren(kChildren, MonotonicNs() + kDeathNs);
  if (status) Send(kChannel, {Report::ended, *status});
  _exit(0);
}

}  // namespace zlayer::fakes::daemon
