#include "fakes/src/upstream/end_children.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

/// A child that has appeared between two looks is found at the next one, at the latest this much
/// later.
constexpr int kLookAgainMs = 10;

/// Signals each child that /proc lists: numbers with a space behind each. Nobody but this process
/// reaps its children, so a number in the list is not another process's by now.
void KillChildren() {
  const int list = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  char text[4096];
  pid_t child = 0;
  for (ssize_t size; (size = read(list, text, sizeof text)) > 0;) {
    for (ssize_t i = 0; i < size; ++i) {
      if (text[i] >= '0' && text[i] <= '9') {
        child = child * 10 + (text[i] - '0');
      } else if (child != 0) {
        kill(child, SIGKILL);
        child = 0;
      }
    }
  }
  close(list);
}

/// Reaps the children that have ended. False when no child is left.
bool Reap() {
  pid_t reaped;
  do {
    reaped = waitpid(-1, nullptr, WNOHANG);
  } while (reaped > 0 || (reaped < 0 && errno == EINTR));
  return reaped == 0;
}

}  // namespace

void EndChildren(int children, std::int64_t deadline_ns) {
  while (Reap() && MonotonicNs() < deadline_ns) {
    KillChildren();
    pollfd ended{.fd = children, .events = POLLIN, .revents = 0};
    poll(&ended, 1, kLookAgainMs);
    signalfd_siginfo info{};
    (void)!read(children, &info, sizeof info);
  }
}

}  // namespace zlayer::fakes::daemon
