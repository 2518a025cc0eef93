#include "fakes/src/faults/start/linger.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/process/lifetime.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

void SetDispositions(bool ignore) {
  struct sigaction action {};
  action.sa_handler = ignore ? SIG_IGN : SIG_DFL;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Starts one child and returns when it is journaled and told to go on; -1 on failure.
pid_t StartLingering(const v1::Grandchild& grandchild, Journal& journal) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  UniqueFd go(ends[0]);
  UniqueFd told(ends[1]);
  const std::int64_t lifetime_us = RemainingLifetimeUs();
  const pid_t child = journal.Fork();
  if (child == 0) {
    told.Reset();
    char byte = 0;
    if (read(go.get(), &byte, 1) != 1) _exit(0);
    ArmChildLifetime(lifetime_us);
    Linger(grandchild);
  }
  if (child < 0) return child;
  JournalChild(journal, child);
  if (write(told.get(), "", 1) != 1) return -1;
  return child;
}

}  // namespace

void JournalChild(Journal& journal, pid_t child) {
  journal.Write(
      [&](v1::JournalEntry& entry) { entry.mutable_child_started()->set_child_pid(child); });
}

void Linger(const v1::Grandchild& grandchild) {
  SetDispositions(grandchild.ignore_signals());
  close_range(STDERR_FILENO + 1, ~0U, 0);
  for (;;) pause();
}

void Supervise(const v1::Grandchild& grandchild, int ready, Journal& journal) {
  SetDispositions(true);
  for (std::uint32_t started = 0; started <= grandchild.respawn(); ++started) {
    const pid_t child = StartLingering(grandchild, journal);
    if (child < 0) break;
    if (started == 0) close(ready);
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  _exit(0);
}

}  // namespace zlayer::fakes::daemon
