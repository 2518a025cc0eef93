// Leaves a process behind that holds the pipes open.

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <unistd.h>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/leave.h"
#include "fakes/src/lifetime.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.grandchild().phase())}; }

/// In the child of a process that has one thread: anything may be called. Closing every descriptor
/// but the inherited pipes comes last and tells the parent that the child is what it should be.
[[noreturn]] void Linger(const v1::Grandchild& grandchild, std::int64_t lifetime_us) {
  ArmChildLifetime(lifetime_us);
  if (grandchild.setsid()) setsid();
  struct sigaction action {};
  action.sa_handler = grandchild.ignore_signals() ? SIG_IGN : SIG_DFL;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  for (;;) pause();
}

/// The child's process id, once it lingers; -1 with errno.
pid_t StartChild(const v1::Grandchild& grandchild) {
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) return -1;
  const UniqueFd wait_end(ready[0]);
  UniqueFd child_end(ready[1]);
  const std::int64_t lifetime_us = RemainingLifetimeUs();
  const pid_t child = fork();
  if (child == 0) Linger(grandchild, lifetime_us);
  child_end.Reset();
  char nothing = 0;
  while (read(wait_end.get(), &nothing, 1) < 0 && errno == EINTR) {
  }
  return child;
}

void Apply(const v1::Fault& fault, const Fired& fired, Peer& peer) {
  const v1::Grandchild& grandchild = fault.grandchild();
  peer.at_phase[grandchild.phase()].push_back([grandchild, fired](Start& start) {
    const pid_t child = StartChild(grandchild);
    if (child < 0) {
      const std::string reason = std::string("cannot start the grandchild: ") + strerror(errno);
      start.log.Error(reason);
      Leave(start.journal, kExitStartFailed, reason);
    }
    start.journal.Write(
        [&](v1::JournalEntry& entry) { entry.mutable_child_started()->set_child_pid(child); });
    fired();
  });
}

}  // namespace

const FaultKind kGrandchildFault = {"grandchild", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
