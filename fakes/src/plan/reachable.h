// Finds faults that no client could ever meet, because another fault of the plan, or their own
// `when`, keeps them from firing. A test with such a plan would test nothing.

#pragma once

#include <string>
#include <vector>

#include "fakes/src/faults/registry.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// "fault[INDEX]", and ".field" behind it unless that is empty.
std::string FieldPath(int index, const std::string& field);

/// "fault[INDEX].kind".
std::string NameOf(const v1::FaultPlan& plan, int index);

/// What the faults of a plan do to each other. Every fault of the plan must have a kind; the plan
/// must outlive this.
class Reachable {
 public:
  explicit Reachable(const v1::FaultPlan& plan);

  /// Why the fault can never fire, as "FIELD: REASON"; empty when it can.
  std::string WhyNot(int index) const;

 private:
  bool IsBefore(int index, int other) const;
  bool IsBlockedBefore(int index) const;
  bool MayFollow(int index, int other) const;
  std::string WhyNotTogether(int index) const;
  std::string WhyNotAfterTheEnd(int index) const;
  std::string WhyNotInBuild(int index) const;
  std::string WhyNotInLifetime(int index) const;
  std::string WhyNotWhen(int index) const;
  std::string WhyNotInStart(int index) const;
  std::string WhyNotAfterFault(int index) const;
  void FollowFaults();

  const v1::FaultPlan& plan_;
  std::vector<Reach> reaches_;
  std::vector<bool> can_follow_;  // what `after_fault` names can fire before the fault
  int ending_ = -1;               // the fault that ends the start earliest; -1: none
  bool can_block_ = false;        // a fault makes the fake wait, so signals are seen
};

}  // namespace zlayer::fakes::daemon
