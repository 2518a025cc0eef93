// Decides at each occasion of a fault whether the fault happens, by the `when` of the plan.
// fault_plan.proto says for each fault what one occasion is, such as a connection or a signal.
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

namespace zlayer::fakes::daemon {

/// Thread-safety: every function may be called from any thread.
class Trigger {
 public:
  /// For a fault with this index and a plan with this seed, in launch `launch` (1: the first; 0:
  /// launches are not counted). The journal must outlive the trigger.
  Trigger(const v1::Fault& fault, int index, std::uint64_t seed, std::uint32_t launch,
          Journal& journal);
  /// The same, for fault `index` of the plan.
  Trigger(const v1::FaultPlan& plan, int index, std::uint32_t launch, Journal& journal)
      : Trigger(plan.fault(index), index, plan.seed(), launch, journal) {}

  /// Journals `fault_armed`, unless `when` excludes this launch.
  void Arm();
  /// From now on the fault does not happen. Occasions that were taken before keep their effect.
  /// Journals `fault_disarmed`.
  void Disarm();
  /// False when `when` excludes this launch.
  bool in_this_launch() const { return in_this_launch_; }

  /// Counts one occasion and returns whether the fault happens. Journals nothing: a fault whose
  /// effect comes later calls Fired() then.
  bool Take();

  /// Journals `fault_fired`. Call it when the effect happens, not when it is decided.
  void Fired();

  /// Take(), then Fired() when Take() returned true.
  bool Happens() {
    const bool taken = Take();
    if (taken) Fired();
    return taken;
  }

  /// How often Fired() was called.
  std::uint32_t times_fired() const { return fired_; }

  /// Random numbers for one part of the fault's work, such as a connection.
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
  std::atomic<bool> disarmed_ = false;
  std::atomic<std::uint32_t> fired_ = 0;
  std::mutex lock_;
  std::uint32_t skipped_ = 0;
  std::uint32_t taken_ = 0;
  Random random_;
};

using TriggerPtr = std::shared_ptr<Trigger>;

}  // namespace zlayer::fakes::daemon
