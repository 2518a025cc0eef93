// The part of Reachable that judges a fault's own `when`.

#include <algorithm>

#include "fakes/src/plan/reachable.h"

namespace zlayer::fakes::daemon {
namespace {

/// The occasion is a point of the start, before the daemon serves.
bool IsInStart(const Reach& reach) {
  return reach.stage < Stage::background && !reach.fires_in_any_wait;
}

/// A process has at most one such occasion.
bool IsOnce(const Reach& reach) {
  return reach.stage <= Stage::background && !reach.fires_in_any_wait;
}

}  // namespace

/// Whether fault `index` has its occasion before fault `other` has.
bool Reachable::IsBefore(int index, int other) const {
  const Stage stage = reaches_[index].stage;
  const Stage others = reaches_[other].stage;
  return stage < others || (stage == others && index < other);
}

/// Whether a fault can make the start wait before fault `index` has its occasion.
bool Reachable::IsBlockedBefore(int index) const {
  for (int i = 0; i < plan_.fault_size(); ++i) {
    if (i != index && reaches_[i].can_block && IsBefore(i, index)) return true;
  }
  return false;
}

std::string Reachable::WhyNotWhen(int index) const {
  const v1::Trigger& when = plan_.fault(index).when();
  const Reach& reach = reaches_[index];
  if (when.skip() > 0 && IsOnce(reach)) {
    return FieldPath(index, "when.skip") + ": cannot fire: a process has one such occasion";
  }
  if (reach.stage == Stage::command && (when.from_launch() != 0 || when.launches() != 0)) {
    return FieldPath(index, when.launches() != 0 ? "when.launches" : "when.from_launch") +
           ": cannot fire: a run with --version is not a launch";
  }
  return IsInStart(reach) ? WhyNotInStart(index) : "";
}

std::string Reachable::WhyNotInStart(int index) const {
  const v1::Trigger& when = plan_.fault(index).when();
  if (when.after_rpcs() != 0) {
    return FieldPath(index, "when.after_rpcs") +
           ": cannot fire: no RPC is answered before the daemon serves";
  }
  if (when.after_ms() != 0 && !IsBlockedBefore(index)) {
    return FieldPath(index, "when.after_ms") +
           ": cannot fire: no fault makes the start wait before it";
  }
  const auto survives = [](const Reach& reach) { return reach.fires_in_any_wait; };
  const bool sees_signals =
      IsBlockedBefore(index) && std::any_of(reaches_.begin(), reaches_.end(), survives);
  if (when.after_signal() != 0 && !sees_signals) {
    return FieldPath(index, "when.after_signal") +
           ": cannot fire: the start neither waits for a signal nor survives it";
  }
  return "";
}

/// Whether fault `index` can have an occasion after fault `other` has fired.
bool Reachable::MayFollow(int index, int other) const {
  const Reach& reach = reaches_[index];
  const Reach& before = reaches_[other];
  if (before.ends || reach.stage == Stage::command) return false;
  if (reach.fires_in_any_wait) return true;
  if (before.ends_start && before.stage < Stage::background) return false;
  if (!IsInStart(reach) || IsBefore(other, index)) return true;
  return before.fires_in_any_wait && IsBlockedBefore(index);
}

/// Finds out for which faults there is what their `after_fault` waits for. Faults that wait for
/// each other never fire, so the search begins at faults that wait for none.
void Reachable::FollowFaults() {
  can_follow_.assign(reaches_.size(), false);
  for (bool has_grown = true; has_grown;) {
    has_grown = false;
    for (int i = 0; i < plan_.fault_size(); ++i) {
      if (can_follow_[i]) continue;
      const std::string& kind = plan_.fault(i).when().after_fault();
      bool can = kind.empty();
      for (int other = 0; other < plan_.fault_size() && !can; ++other) {
        can = other != i && can_follow_[other] && FindFaultKind(plan_.fault(other))->name == kind &&
              MayFollow(i, other);
      }
      can_follow_[i] = can;
      has_grown = has_grown || can;
    }
  }
}

std::string Reachable::WhyNotAfterFault(int index) const {
  if (can_follow_[index]) return "";
  const std::string& kind = plan_.fault(index).when().after_fault();
  const std::string path = FieldPath(index, "when.after_fault");
  for (int other = 0; other < plan_.fault_size(); ++other) {
    if (other == index || FindFaultKind(plan_.fault(other))->name != kind) continue;
    return path + ": cannot fire: " + NameOf(plan_, other) + " does not fire before it";
  }
  return path + ": the plan has no other fault \"" + kind + "\"";
}

}  // namespace zlayer::fakes::daemon
