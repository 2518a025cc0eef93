// Fault `grandchild`: starts a process that outlives the fake and holds its stdout and stderr open.

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/start/linger.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/process/lifetime.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::uint32_t kGreatestRespawn = 100;

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.grandchild().phase())}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.grandchild().respawn() > kGreatestRespawn) return {"respawn", "must be at most 100"};
  return NotAtServing(fault.grandchild().phase());
}

/// Runs in the new process. It sends its process id to the fake and waits until the fake has
/// journaled it: a test must be able to find and end every process that is left behind.
[[noreturn]] void Detach(const v1::Grandchild& grandchild, std::int64_t lifetime_us, int parent,
                         Journal& journal) {
  if (grandchild.double_fork() && fork() != 0) _exit(kExitOk);
  const pid_t self = getpid();
  char go = 0;
  if (write(parent, &self, sizeof self) != sizeof self || read(parent, &go, 1) != 1) _exit(kExitOk);
  ArmChildLifetime(lifetime_us);
  if (grandchild.setsid()) setsid();
  if (grandchild.respawn() > 0) Supervise(grandchild, parent, journal);
  Linger(grandchild);
}

/// Starts the process. Returns when it is in the journal and has closed all descriptors but the
/// pipes. False, with errno, on failure.
bool StartChild(const v1::Grandchild& grandchild, Journal& journal) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return false;
  UniqueFd parent_end(ends[0]);
  UniqueFd child_end(ends[1]);
  const std::int64_t lifetime_us = RemainingLifetimeUs();
  const pid_t child = journal.Fork();
  if (child < 0) return false;
  if (child == 0) {
    parent_end.Reset();
    Detach(grandchild, lifetime_us, child_end.get(), journal);
  }
  child_end.Reset();
  if (grandchild.double_fork()) waitpid(child, nullptr, 0);
  pid_t detached = 0;
  if (read(parent_end.get(), &detached, sizeof detached) != sizeof detached) return false;
  JournalChild(journal, detached);
  char byte = 0;
  if (write(parent_end.get(), &byte, 1) != 1) return false;
  // Wait for the end of file: the process has then closed every descriptor but the inherited pipes.
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

const FaultKind kGrandchildFault = {"grandchild", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
