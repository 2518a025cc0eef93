#include "fakes/src/plan/plan_check.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <map>

#include "fakes/src/faults/registry.h"

namespace zlayer::fakes {
namespace {

class Silent : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

/// "name:line: " of element `index` of a field of the plan; "name: " where the text is JSON.
std::string Place(const std::string& name, std::string_view text, int field, int index) {
  google::protobuf::TextFormat::ParseInfoTree tree;
  google::protobuf::TextFormat::Parser parser;
  Silent silent;
  parser.WriteLocationsTo(&tree);
  parser.RecordErrorsTo(&silent);
  v1::FaultPlan again;
  if (!parser.ParseFromString(std::string(text), &again)) return name + ": ";
  const auto* descriptor = v1::FaultPlan::descriptor()->FindFieldByNumber(field);
  return name + ":" + std::to_string(tree.GetLocation(descriptor, index).line + 1) + ": ";
}

std::string FieldPath(int index, const std::string& field) {
  return "fault[" + std::to_string(index) + "]" + (field.empty() ? "" : "." + field);
}

/// What is known of the faults before the one that is being looked at.
struct Before {
  std::map<std::string_view, std::string> groups;  // exclusion group to the fault that is in it
  std::string ending;                              // the fault that ends or holds the start
  Stage ended_at = Stage::serving;
  bool ends_at_once = false;
};

std::string CheckFault(const v1::FaultPlan& plan, int index, Before& before) {
  const v1::Fault& fault = plan.fault(index);
  const FaultKind* kind = FindFaultKind(fault);
  if (!kind) {
    std::string names;
    for (const FaultKind& known : FaultKinds()) {
      names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return FieldPath(index, "") + ": no fault is set; valid: " + names;
  }
  const std::string path = FieldPath(index, std::string(kind->name));
  const Mistake mistake = kind->check(fault);
  if (!mistake.field.empty()) return path + "." + mistake.field + ": " + mistake.what;
  if (!kind->excludes.empty()) {
    const auto [other, is_first] = before.groups.try_emplace(kind->excludes, path);
    if (!is_first) return path + ": cannot fire together with " + other->second;
  }
  return "";
}

/// Finds the fault after which nothing of a later stage, or of its own, can happen.
void NoteEnding(const v1::FaultPlan& plan, int index, Before& before) {
  const v1::Fault& fault = plan.fault(index);
  const FaultKind* kind = FindFaultKind(fault);
  const Reach reach = kind->reach(fault);
  if (!reach.ends_start || reach.stage >= before.ended_at) return;
  before.ending = FieldPath(index, std::string(kind->name));
  before.ended_at = reach.stage;
  before.ends_at_once = reach.at_once;
}

std::string CheckReached(const v1::FaultPlan& plan, int index, const Before& before,
                         int ending_index) {
  const v1::Fault& fault = plan.fault(index);
  const FaultKind* kind = FindFaultKind(fault);
  const Reach reach = kind->reach(fault);
  const bool later =
      reach.stage > before.ended_at || (reach.stage == before.ended_at && index > ending_index);
  if (index == ending_index || !later) return "";
  if (reach.needs_a_wait && !before.ends_at_once) return "";
  return FieldPath(index, std::string(kind->name)) + ": cannot fire: " + before.ending +
         " ends the start before it";
}

}  // namespace

Result<void> CheckPlan(const std::string& name, std::string_view text, const v1::FaultPlan& plan) {
  Before before;
  int ending_index = -1;
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (const std::string error = CheckFault(plan, i, before); !error.empty()) {
      return BadInput(Place(name, text, v1::FaultPlan::kFaultFieldNumber, i) + error);
    }
    const std::string ending = before.ending;
    NoteEnding(plan, i, before);
    if (before.ending != ending) ending_index = i;
  }
  for (int i = 0; ending_index >= 0 && i < plan.fault_size(); ++i) {
    if (const std::string error = CheckReached(plan, i, before, ending_index); !error.empty()) {
      return BadInput(Place(name, text, v1::FaultPlan::kFaultFieldNumber, i) + error);
    }
  }
  for (int i = 0; i < plan.build_size(); ++i) {
    if (plan.build(i).what_case() != v1::BuildStep::WHAT_NOT_SET) continue;
    return BadInput(Place(name, text, v1::FaultPlan::kBuildFieldNumber, i) + "build[" +
                    std::to_string(i) + "]: neither event nor hold is set");
  }
  return {};
}

}  // namespace zlayer::fakes
