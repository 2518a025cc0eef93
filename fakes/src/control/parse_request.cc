#include "fakes/src/control/parse_request.h"

#include <google/protobuf/util/json_util.h>

#include <cctype>
#include <utility>
#include <vector>

#include "fakes/src/faults/registry.h"
#include "fakes/src/plan/plan_check.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

using google::protobuf::FieldDescriptor;
using v1::ControlRequest;

constexpr std::uint32_t kGreatestCode = 255;

std::string RequestNames() {
  std::string names;
  const auto* requests = ControlRequest::descriptor()->FindOneofByName("request");
  for (int i = 0; i < requests->field_count(); ++i) {
    names += (names.empty() ? "" : ", ") + requests->field(i)->name();
  }
  return names;
}

/// What CheckPlan() says of the plan, beginning with the field; empty when it is good.
std::string WhyRefused(v1::FaultPlan plan, const v1::FaultPlan& in_force) {
  plan.set_memory_mib(in_force.memory_mib());
  plan.set_lifetime_ms(in_force.lifetime_ms());
  if (in_force.has_upstream()) *plan.mutable_upstream() = in_force.upstream();
  const std::string name = "plan";
  const auto checked = CheckPlan(name, "{}", plan);  // JSON: there is no line to name
  return checked ? "" : checked.error().message.substr(name.size() + 2);
}

/// Checks the fault as the only one of a plan: others may be disarmed at any time, and the one that
/// it comes after may be armed later.
std::string FaultMistake(v1::Fault fault, const v1::FaultPlan& in_force) {
  if (FindFaultKind(fault.when().after_fault())) fault.mutable_when()->clear_after_fault();
  v1::FaultPlan plan;
  *plan.add_fault() = std::move(fault);
  std::string why = WhyRefused(plan, in_force);
  const std::string path = "fault[0]";
  if (why.empty()) return why;
  return "arm" + (why.starts_with(path) ? why.substr(path.size()) : ": " + why);
}

/// Only some fields of a plan can change while the fake runs.
std::string PlanMistake(const v1::FaultPlan& plan, const v1::FaultPlan& in_force) {
  std::vector<const FieldDescriptor*> fields;
  plan.GetReflection()->ListFields(plan, &fields);
  for (const FieldDescriptor* field : fields) {
    switch (field->number()) {
      case v1::FaultPlan::kWhyFieldNumber:
      case v1::FaultPlan::kFaultFieldNumber:
      case v1::FaultPlan::kBuildFieldNumber:
      case v1::FaultPlan::kSeedFieldNumber:
        break;
      default:
        return "replace." + field->name() + ": is a setting of the start and cannot change";
    }
  }
  const std::string why = WhyRefused(plan, in_force);
  return why.empty() ? why : "replace." + why;
}

std::string DisarmMistake(const v1::Disarm& disarm) {
  if (disarm.which_case() == v1::Disarm::WHICH_NOT_SET) {
    return "disarm: none of kind, index and all is set";
  }
  if (disarm.which_case() == v1::Disarm::kAll && !disarm.all()) return "disarm.all: must be true";
  if (disarm.which_case() != v1::Disarm::kKind) return "";
  std::vector<std::string> kinds;
  for (const FaultKind& kind : FaultKinds()) {
    if (kind.name == disarm.kind()) return "";
    kinds.emplace_back(kind.name);
  }
  const std::string nearest = NearestName(disarm.kind(), kinds);
  return "disarm.kind: unknown fault \"" + disarm.kind() + "\"" +
         (nearest.empty() ? "; --list-faults prints the valid ones"
                          : "; did you mean \"" + nearest + "\"?");
}

std::string RequestMistake(const ControlRequest& request, const v1::FaultPlan& in_force) {
  switch (request.request_case()) {
    case ControlRequest::REQUEST_NOT_SET:
      return "no request is set; valid: " + RequestNames();
    case ControlRequest::kReplace:
      return PlanMistake(request.replace(), in_force);
    case ControlRequest::kArm:
      return FaultMistake(request.arm(), in_force);
    case ControlRequest::kDisarm:
      return DisarmMistake(request.disarm());
    case ControlRequest::kQuit:
      return request.quit().code() > kGreatestCode ? "quit.code: must be 0 to 255" : "";
    default:
      return "";
  }
}

std::string OneLine(std::string text) {
  for (char& c : text) {
    if (std::iscntrl(static_cast<unsigned char>(c))) c = '?';
  }
  return text;
}

}  // namespace

Result<ControlRequest> ParseRequest(std::string_view line, const v1::FaultPlan& in_force) {
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == line.npos || line[first] != '{') {
    return BadInput("request: must be one line of JSON, such as {\"show\":{}}");
  }
  auto request = ParseMessage<ControlRequest>("request", line);
  if (!request) return BadInput(OneLine(request.error()));
  if (std::string mistake = RequestMistake(*request, in_force); !mistake.empty()) {
    return BadInput("request: " + OneLine(std::move(mistake)));
  }
  return std::move(*request);
}

std::string PrintReply(const v1::ControlReply& reply) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  // Printing fails only for an Any of unknown type, and a reply has none.
  (void)google::protobuf::util::MessageToJsonString(reply, &line, options);
  return line + "\n";
}

}  // namespace zlayer::fakes::daemon
