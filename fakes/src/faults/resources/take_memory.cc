// Fault `take_memory`: allocates memory and never frees it.
//
// The faults of this folder, resources/, use up memory, descriptors, processors or disk. Their
// checks bound what they may take, and the process limits memory as well (process/memory_bound.h):
// a test must not harm the machine. Everything is returned when the fake ends, however it ends.

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr size_t kMib = 1 << 20;

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.take_memory().phase())}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.take_memory().mib() == 0) return {"mib", "must be above 0"};
  return {};
}

/// Maps 1 MiB and writes to it: the kernel provides a page only when it is written. False when the
/// memory limit is reached.
bool TakeMib() {
  void* taken = mmap(nullptr, kMib, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (taken == MAP_FAILED) return false;
  std::memset(taken, 1, kMib);
  return true;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const v1::TakeMemory& take = fault.take_memory();
  peer.Add(take.phase(), trigger, [mib = take.mib(), trigger](Start& start, const Waiter& wait) {
    if (!trigger->Take()) return;
    for (std::uint32_t taken = 0; taken < mib; ++taken) {
      if (ShouldStop(wait)) return;
      if (!TakeMib()) Leave(start.journal, kExitStartFailed, "no memory left to take");
    }
    trigger->Fired();
  });
}

}  // namespace

const FaultKind kTakeMemoryFault = {"take_memory", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
