#include "fakes/src/plan/reachable.h"

#include <algorithm>
#include <utility>

#include "fakes/src/process/lifetime.h"

namespace zlayer::fakes::daemon {
namespace {

/// What a fault needs in order to fire, and what takes it away from all connections.
constexpr std::pair<bool Reach::*, bool Reach::*> kPrevented[] = {
    {&Reach::in_bytes, &Reach::prevents_bytes},
    {&Reach::in_handshake, &Reach::prevents_handshake},
    {&Reach::presents_certificate, &Reach::prevents_certificate},
    {&Reach::verifies_client, &Reach::prevents_verification},
    {&Reach::needs_tls13, &Reach::prevents_tls13},
    {&Reach::in_http2, &Reach::prevents_http2},
    {&Reach::at_stop, &Reach::prevents_stop},
};

}  // namespace

std::string FieldPath(int index, const std::string& field) {
  return "fault[" + std::to_string(index) + "]" + (field.empty() ? "" : "." + field);
}

std::string NameOf(const v1::FaultPlan& plan, int index) {
  return FieldPath(index, std::string(FindFaultKind(plan.fault(index))->name));
}

/// A fault with `when` keeps no other fault from firing: there may be launches, connections or
/// times in which it does not happen.
Reachable::Reachable(const v1::FaultPlan& plan) : plan_(plan) {
  for (int i = 0; i < plan.fault_size(); ++i) {
    const Reach& reach = reaches_.emplace_back(FindFaultKind(plan.fault(i))->reach(plan.fault(i)));
    can_block_ = can_block_ || reach.can_block;
    if (plan.fault(i).has_when() || !reach.ends_start) continue;
    if (ending_ < 0 || reach.stage < reaches_[ending_].stage) ending_ = i;
  }
  FollowFaults();
}

std::string Reachable::WhyNot(int index) const {
  for (const auto why :
       {&Reachable::WhyNotTogether, &Reachable::WhyNotAfterTheEnd, &Reachable::WhyNotInBuild,
        &Reachable::WhyNotInLifetime, &Reachable::WhyNotWhen, &Reachable::WhyNotAfterFault}) {
    if (std::string text = (this->*why)(index); !text.empty()) return text;
  }
  return "";
}

std::string Reachable::WhyNotTogether(int index) const {
  Reach reach = reaches_[index];
  if (plan_.fault(index).when().after_rpcs() != 0) reach.in_http2 = true;
  for (const auto& [needs, prevents] : kPrevented) {
    if (!(reach.*needs)) continue;
    for (int other = 0; other < plan_.fault_size(); ++other) {
      if (other == index || plan_.fault(other).has_when() || !(reaches_[other].*prevents)) continue;
      return NameOf(plan_, index) + ": cannot fire together with " + NameOf(plan_, other);
    }
  }
  return "";
}

std::string Reachable::WhyNotAfterTheEnd(int index) const {
  if (ending_ < 0 || index == ending_ || !IsBefore(ending_, index)) return "";
  const bool is_waited_for = can_block_ || !reaches_[ending_].at_once;
  if (reaches_[index].fires_in_any_wait && is_waited_for) return "";
  return NameOf(plan_, index) + ": cannot fire: " + NameOf(plan_, ending_) +
         " ends the start before it";
}

std::string Reachable::WhyNotInBuild(int index) const {
  const v1::Fault& fault = plan_.fault(index);
  if (!fault.has_build_end() && !fault.has_build_crash()) return "";
  std::uint64_t events = 0;
  for (int i = 0; i < plan_.build_size(); ++i) {
    const v1::BuildStep& step = plan_.build(i);
    if (step.hold() && (fault.has_build_end() || events < fault.build_crash().after_events())) {
      return NameOf(plan_, index) + ": cannot fire: build[" + std::to_string(i) +
             "] holds the stream before it";
    }
    events += std::max(1u, step.repeat());
  }
  return "";
}

std::string Reachable::WhyNotInLifetime(int index) const {
  // A variable that is wrong is reported where the lifetime begins.
  const std::uint32_t lifetime = LifetimeMs(plan_.lifetime_ms()).value_or(kDefaultLifetimeMs);
  if (lifetime == 0) return "";
  const std::uint64_t after = plan_.fault(index).when().after_ms();
  if (after + reaches_[index].fires_after_ms < lifetime) return "";
  return (after > 0 ? FieldPath(index, "when.after_ms") : NameOf(plan_, index)) +
         ": cannot fire: the lifetime of " + std::to_string(lifetime) + " ms is over before it";
}

}  // namespace zlayer::fakes::daemon
