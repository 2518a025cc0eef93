#include "fakes/src/base/trigger.h"

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

std::string KindOf(const v1::Fault& fault) {
  return v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case())->name();
}

void Describe(v1::FaultEvent* event, int index, const std::string& kind) {
  event->set_index(static_cast<unsigned>(index));
  event->set_kind(kind);
}

}  // namespace

Trigger::Trigger(const v1::Fault& fault, int index, std::uint64_t seed, std::uint32_t launch,
                 Journal& journal)
    : when_(fault.when()),
      index_(index),
      kind_(KindOf(fault)),
      in_this_launch_(InThisLaunch(launch)),
      begins_ns_(MonotonicNs() + std::int64_t{when_.after_ms()} * 1'000'000),
      seed_(Random(seed, static_cast<std::uint64_t>(index)).Next()),
      journal_(journal),
      random_(seed_) {}

void Trigger::Arm() {
  if (!in_this_launch_) return;
  journal_.Write(
      [&](v1::JournalEntry& entry) { Describe(entry.mutable_fault_armed(), index_, kind_); });
}

void Trigger::Disarm() {
  if (disarmed_.exchange(true) || !in_this_launch_) return;
  journal_.Write(
      [&](v1::JournalEntry& entry) { Describe(entry.mutable_fault_disarmed(), index_, kind_); });
}

bool Trigger::InThisLaunch(std::uint32_t launch) const {
  if (when_.from_launch() == 0 && when_.launches() == 0) return true;
  const std::uint64_t first = std::max<std::uint64_t>(1, when_.from_launch());
  return launch >= first && (when_.launches() == 0 || launch < first + when_.launches());
}

bool Trigger::Take() {
  if (disarmed_ || !in_this_launch_) return false;
  if (when_.after_ms() > 0 && MonotonicNs() < begins_ns_) return false;
  const std::lock_guard lock(lock_);
  if (skipped_ < when_.skip()) {
    ++skipped_;
    return false;
  }
  if (when_.times() != 0 && taken_ == when_.times()) return false;
  if (when_.probability() != 0 && random_.Fraction() >= when_.probability()) return false;
  ++taken_;
  return true;
}

void Trigger::Fired() {
  ++fired_;
  journal_.Write([&](v1::JournalEntry& entry) {
    Describe(entry.mutable_fault_fired(), index_, kind_);
    entry.mutable_fault_fired()->set_connection(OnConnection::Current());
  });
}

}  // namespace zlayer::fakes::daemon
