// Decides at each occasion of a fault whether the fault happens, by the `when` of the plan.
// fault_plan.proto says for each fault what one occasion is, such as a connection or a signal.
//
//   if (!trigger->Happens()) return PrintHonestLine(start);

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "fakes/src/base/happenings.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/random.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Thread-safety: every function may be called from any thread.
class Trigger {
 public:
  /// For a fault with this index and a plan with this seed, in launch `launch` (1: the first; 0:
  /// launches are not counted). The fault does not happen before Arm(). Both references must
  /// outlive the trigger.
  Trigger(const v1::Fault& fault, int index, std::uint64_t seed, std::uint32_t launch,
          Journal& journal, Happenings& happenings);
  /// The same, for fault `index` of the plan.
  Trigger(const v1::FaultPlan& plan, int index, std::uint32_t launch, Journal& journal,
          Happenings& happenings)
      : Trigger(plan.fault(index), index, plan.seed(), launch, journal, happenings) {}

  /// Journals `fault_armed`. Does nothing when `when` excludes this launch, or after Disarm().
  void Arm();
  /// From now on the fault does not happen. Occasions that were taken before keep their effect.
  /// Journals `fault_disarmed` if the fault was armed.
  void Disarm();
  /// False when `when` excludes this launch.
  bool in_this_launch() const { return in_this_launch_; }

  /// Counts one occasion and returns whether the fault happens. Journals nothing: a fault whose
  /// effect comes later calls Fired() then.
  bool Take();

  /// As Take(), for an occasion with a number of its own, such as a connection's: by the seed, the
  /// number decides about `probability`, and not the order in which concurrent occasions come.
  bool Take(std::uint64_t number);

  /// Journals `fault_fired`. Call it when the effect happens, not when it is decided.
  void Fired();

  /// Take(), then Fired() when Take() returned true.
  bool Happens() { return Fire(Take()); }
  bool Happens(std::uint64_t number) { return Fire(Take(number)); }

  /// When everything that `when` waits for will have happened, if nothing else happens (monotonic
  /// ns): in the past or the future. nullopt: something else must happen first.
  std::optional<std::int64_t> Begins() const;

  /// An eventfd that becomes readable whenever Begins() may have changed.
  std::shared_ptr<const UniqueFd> Watch() const { return happenings_.Watch(); }

  /// How often Fired() was called.
  std::uint32_t times_fired() const { return fired_; }

  /// Random numbers for one part of the fault's work, such as a connection.
  Random RandomFor(std::uint64_t part) const { return Random(seed_, part); }

 private:
  bool InThisLaunch(std::uint32_t launch) const;
  bool TakeOne(std::optional<std::uint64_t> number);
  bool Fire(bool taken) {
    if (taken) Fired();
    return taken;
  }

  const v1::Trigger when_;
  const int index_;
  const std::string kind_;
  const bool in_this_launch_;
  const std::int64_t made_ns_;
  const std::uint64_t seed_;
  const std::uint64_t
      chance_seed_;  // apart from seed_, or chance would choose what RandomFor draws
  Journal& journal_;
  Happenings& happenings_;
  const std::shared_ptr<const Happenings::Expected> expected_;  // null: waits for nothing but time
  std::atomic<bool> armed_ = false;
  std::atomic<bool> disarmed_ = false;
  std::atomic<std::uint32_t> fired_ = 0;
  std::mutex lock_;
  std::uint64_t occasions_ = 0;
  std::uint32_t skipped_ = 0;
  std::uint32_t taken_ = 0;
  std::int64_t first_taken_ns_ = 0;
};

using TriggerPtr = std::shared_ptr<Trigger>;

}  // namespace zlayer::fakes::daemon
