#include "fakes/src/base/trigger.h"

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::int64_t kNsPerMs = 1'000'000;

std::string KindOf(const v1::Fault& fault) {
  return v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case())->name();
}

void Describe(v1::FaultEvent* event, int index, const std::string& kind) {
  event->set_index(static_cast<unsigned>(index));
  event->set_kind(kind);
}

}  // namespace

Trigger::Trigger(const v1::Fault& fault, int index, std::uint64_t seed, std::uint32_t launch,
                 Journal& journal, Happenings& happenings)
    : when_(fault.when()),
      index_(index),
      kind_(KindOf(fault)),
      in_this_launch_(InThisLaunch(launch)),
      made_ns_(MonotonicNs()),
      seed_(Random(seed, static_cast<std::uint64_t>(index)).Next()),
      chance_seed_(Random(seed_).Next()),
      journal_(journal),
      happenings_(happenings),
      expected_(happenings.Expect(when_, index)) {}

void Trigger::Arm() {
  if (!in_this_launch_) return;
  armed_ = true;
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

std::optional<std::int64_t> Trigger::Begins() const {
  const auto since = expected_ ? happenings_.Since(*expected_) : made_ns_;
  if (!since) return std::nullopt;
  return *since + std::int64_t{when_.after_ms()} * kNsPerMs;
}

bool Trigger::Take() { return TakeOne(std::nullopt); }

bool Trigger::Take(std::uint64_t number) { return TakeOne(number); }

bool Trigger::TakeOne(std::optional<std::uint64_t> number) {
  if (!armed_ || disarmed_) return false;
  const std::int64_t now = MonotonicNs();
  if (const auto begins = Begins(); !begins || now < *begins) return false;
  const std::lock_guard lock(lock_);
  const std::uint64_t occasion = number.value_or(++occasions_);
  if (skipped_ < when_.skip()) {
    ++skipped_;
    return false;
  }
  if (when_.times() != 0 && taken_ == when_.times()) return false;
  if (when_.for_ms() != 0 && taken_ != 0 &&
      now >= first_taken_ns_ + std::int64_t{when_.for_ms()} * kNsPerMs) {
    return false;
  }
  if (when_.probability() != 0 &&
      Random(chance_seed_, occasion).Fraction() >= when_.probability()) {
    return false;
  }
  if (taken_ == 0) first_taken_ns_ = now;
  ++taken_;
  return true;
}

void Trigger::Fired() {
  ++fired_;
  journal_.Write([&](v1::JournalEntry& entry) {
    Describe(entry.mutable_fault_fired(), index_, kind_);
    entry.mutable_fault_fired()->set_connection(OnConnection::Current());
  });
  happenings_.FaultFired(index_, kind_);
}

}  // namespace zlayer::fakes::daemon
