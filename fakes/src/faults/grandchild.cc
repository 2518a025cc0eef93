// Leaves a process behind that holds the pipes open.

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/leave.h"
#include "fakes/src/lifetime.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.grandchild().phase())}; }

/// In the child of a process that has one thread: anything may be called. It lingers only after the
/// parent's go-ahead, so that the journal names every grandchild there is; closing every descriptor
/// but the inherited pipes comes last and tells the parent that it is ready.
[[noreturn]] void Linger(const v1::Grandchild& grandchild, std::int64_t lifetime_us, int parent) {
  char go = 0;
  if (read(parent, &go, 1) != 1) _exit(kExitOk);
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

/// False with errno. On success the child lingers and is in the journal.
bool StartChild(const v1::Grandchild& grandchild, Journal& journal) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  UniqueFd parent_end(ends[0]);
  UniqueFd child_end(ends[1]);
  const std::int64_t lifetime_us = RemainingLifetimeUs();
  const pid_t child = fork();
  if (child < 0) return false;
  if (child == 0) {
    parent_end.Reset();
    Linger(grandchild, lifetime_us, child_end.get());
  }
  child_end.Reset();
  journal.Write(
      [&](v1::JournalEntry& entry) { entry.mutable_child_started()->set_child_pid(child); });
  char byte = 0;
  if (write(parent_end.get(), &byte, 1) != 1) return false;
  while (read(parent_end.get(), &byte, 1) < 0 && errno == EINTR) {
  }
  return true;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const v1::Grandchild& grandchild = fault.grandchild();
  peer.at_phase[grandchild.phase()].push_back([grandchild, trigger](Start& start) {
    if (!trigger->Take()) return;
    if (!StartChild(grandchild, start.journal)) {
      const std::string reason = std::string("cannot start the grandchild: ") + strerror(errno);
      start.log.Error(reason);
      Leave(start.journal, kExitStartFailed, reason);
    }
    trigger->Fired();
  });
}

}  // namespace

const FaultKind kGrandchildFault = {"grandchild", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
