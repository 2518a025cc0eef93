// Fault `burn_cpu`: keeps processors busy with threads that spin.

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::uint32_t kGreatestThreads = 16;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::background}; }

Mistake Check(const v1::Fault& fault) {
  if (fault.burn_cpu().threads() > kGreatestThreads) return {"threads", "must be at most 16"};
  return {};
}

void Burn(const v1::BurnCpu& burn, const Waiter& wait) {
  const std::int64_t due =
      burn.ms() == 0 ? kNoDeadline : MonotonicNs() + std::int64_t{burn.ms()} * 1'000'000;
  std::atomic<bool> over = false;
  std::vector<std::jthread> threads;
  for (std::uint32_t i = 0; i < std::max(1u, burn.threads()); ++i) {
    threads.emplace_back([&over] {
      while (!over.load(std::memory_order_relaxed)) {
      }
    });
  }
  wait(-1, 0, due);
  over = true;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.Add(v1::SERVING, trigger, [burn = fault.burn_cpu(), trigger](Start&, const Waiter& wait) {
    if (trigger->Happens()) Burn(burn, wait);
  });
}

}  // namespace

const FaultKind kBurnCpuFault = {"burn_cpu", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
