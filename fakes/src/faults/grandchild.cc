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

/// In the child of a process that has one thread: anything may be called.
[[noreturn]] void Linger(const v1::Grandchild& grandchild, std::int64_t lifetime_us) {
  ArmChildLifetime(lifetime_us);
  close_range(STDERR_FILENO + 1, ~0U, 0);
  if (grandchild.setsid()) setsid();
  struct sigaction action {};
  action.sa_handler = grandchild.ignore_signals() ? SIG_IGN : SIG_DFL;
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (;;) pause();
}

void Apply(const v1::Fault& fault, const Fired& fired, Peer& peer) {
  const v1::Grandchild& grandchild = fault.grandchild();
  peer.at_phase[grandchild.phase()].push_back([grandchild, fired](Start& start) {
    const std::int64_t lifetime_us = RemainingLifetimeUs();
    const pid_t child = fork();
    if (child == 0) Linger(grandchild, lifetime_us);
    if (child < 0) {
      start.log.Error("fork failed");
      Leave(start.journal, kExitStartFailed, "fork failed");
    }
    start.journal.Write(
        [&](v1::JournalEntry& entry) { entry.mutable_child_started()->set_child_pid(child); });
    fired();
  });
}

}  // namespace

const FaultKind kGrandchildFault = {"grandchild", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
