// Whether a fault happens, occasion by occasion.
//
//   if (!trigger->Happens()) return PrintHonestLine(start);

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/random.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// Thread-safety: any thread may call everything.
class Trigger {
 public:
  /// Of fault `index` of the plan, in launch `launch` (1: the first; 0: not counted). Journals that
  /// it is armed, unless this launch is none of its own. The journal must outlive it.
  Trigger(const v1::FaultPlan& plan, int index, std::uint32_t launch, Journal& journal);

  /// One occasion: whether the fault happens. Journals nothing, for a fault whose effect comes
  /// later.
  bool Take();

  /// Journals that the fault has happened.
  void Fired();

  /// Take, and Fired where it is true.
  bool Happens() {
    const bool taken = Take();
    if (taken) Fired();
    return taken;
  }

  /// Chance for one part (a connection, say) of what the fault does.
  Random RandomFor(std::uint64_t part) const { return Random(seed_, part); }

 private:
  bool InThisLaunch(std::uint32_t launch) const;

  const v1::Trigger when_;
  const int index_;
  const std::string kind_;
  const bool in_this_launch_;
  const std::int64_t begins_ns_;
  const std::uint64_t seed_;
  Journal& journal_;
  std::mutex lock_;
  std::uint32_t skipped_ = 0;
  std::uint32_t taken_ = 0;
  Random random_;
};

using TriggerPtr = std::shared_ptr<Trigger>;

}  // namespace zlayer::fakes
