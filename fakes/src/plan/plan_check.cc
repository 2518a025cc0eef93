#include "fakes/src/plan/plan_check.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/stubs/strutil.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>
#include <signal.h>

#include <map>
#include <vector>

#include "fakes/src/faults/registry.h"
#include "fakes/src/plan/reachable.h"
#include "fakes/src/plan/unknown_value.h"
#include "fakes/src/process/memory_bound.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

/// Drops parse errors: JSON is not protobuf text, and that is no error here.
class IgnoreErrors : public google::protobuf::io::ErrorCollector {
  void AddError(int, int, const std::string&) override {}
};

/// Where element `index` of a repeated field of the plan is: "name:line: ", or "name: " when the
/// text is JSON or not known. Parses the text again, because only a text parser knows the lines.
std::string Place(const std::string& name, std::string_view text, int field, int index) {
  google::protobuf::TextFormat::ParseInfoTree tree;
  google::protobuf::TextFormat::Parser parser;
  IgnoreErrors ignore_errors;
  parser.WriteLocationsTo(&tree);
  parser.RecordErrorsTo(&ignore_errors);
  v1::FaultPlan again;
  if (text.empty() || !parser.ParseFromString(std::string(text), &again)) return name + ": ";
  const auto* descriptor = v1::FaultPlan::descriptor()->FindFieldByNumber(field);
  return name + ":" + std::to_string(tree.GetLocation(descriptor, index).line + 1) + ": ";
}

/// The faults of the plan that are alone in their group, by FaultKind::excludes.
using Groups = std::map<std::string_view, std::string>;

constexpr char kServiceIsReplaced[] =
    ": cannot fire: it acts inside the fake's own service, and upstream takes its place";

Mistake WhenMistake(const v1::Trigger& when) {
  if (!(when.probability() >= 0 && when.probability() <= 1)) {
    return {"probability", "must be above 0 and at most 1"};
  }
  const std::uint32_t signal = when.after_signal();
  if (signal != 0 && signal != SIGTERM && signal != SIGINT) {
    return {"after_signal", "must be 15 (SIGTERM) or 2 (SIGINT)"};
  }
  if (when.after_fault().empty() || FindFaultKind(when.after_fault())) return {};
  std::vector<std::string> names;
  for (const FaultKind& kind : FaultKinds()) names.emplace_back(kind.name);
  const std::string nearest = NearestName(when.after_fault(), names);
  return {"after_fault", "unknown fault \"" + google::protobuf::CEscape(when.after_fault()) + "\"" +
                             (nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?")};
}

std::string CheckFault(const v1::FaultPlan& plan, int index, Groups& groups) {
  const v1::Fault& fault = plan.fault(index);
  const FaultKind* kind = FindFaultKind(fault);
  if (!kind) {
    std::string names;
    for (const FaultKind& known : FaultKinds()) {
      names += (names.empty() ? "" : ", ") + std::string(known.name);
    }
    return FieldPath(index, "") + ": no fault is set; valid: " + names;
  }
  if (plan.has_upstream() && kind->reach(fault).in_service) {
    return FieldPath(index, std::string(kind->name)) + kServiceIsReplaced;
  }
  if (const std::string unknown = UnknownValue(fault); !unknown.empty()) {
    return FieldPath(index, "") + unknown;
  }
  if (const Mistake mistake = WhenMistake(fault.when()); !mistake.field.empty()) {
    return FieldPath(index, "when." + mistake.field) + ": " + mistake.what;
  }
  const std::string path = FieldPath(index, std::string(kind->name));
  const Mistake mistake = kind->check(fault);
  if (!mistake.field.empty()) return path + "." + mistake.field + ": " + mistake.what;
  if (!kind->excludes.empty()) {
    const auto [other, is_first] = groups.try_emplace(kind->excludes, path);
    if (!is_first) return path + ": cannot fire together with " + other->second;
  }
  return "";
}

/// Bytes of a log line. The bound keeps the fake below its memory limit: gRPC makes a few copies.
constexpr std::uint32_t kGreatestLog = 64 << 20;

const char* BuildStepMistake(const v1::BuildStep& step) {
  if (step.what_case() == v1::BuildStep::WHAT_NOT_SET) {
    return ": none of event, hold, raw, log_bytes and commit is set";
  }
  google::protobuf::UnknownFieldSet fields;
  if (!fields.ParseFromString(step.raw())) return ".raw: is not an encoded protobuf message";
  if (step.log_bytes() > kGreatestLog) return ".log_bytes: must be at most 67108864";
  if (!v1::BuildStep::Work_IsValid(step.work()))
    return ".work: is not a known value; valid: RUN, COPY";
  if ((step.hold() || step.commit()) && step.repeat() != 0) {
    return ".repeat: only an event can be repeated";
  }
  const bool is_log = step.event().has_log() || step.has_log_bytes();
  if (step.unfinished() && (!is_log || step.repeat() != 0)) {
    return ".unfinished: only a log event that is not repeated can be unfinished";
  }
  return "";
}

std::string UpstreamMistake(const v1::FaultPlan& plan) {
  if (!plan.has_upstream()) return "";
  const std::string& path = plan.upstream().path();
  if (path.empty()) return "upstream.path: is not set";
  if (path.find('/') == path.npos) {
    return "upstream.path: must have a slash, such as ./" + path + "; $PATH is not searched";
  }
  if (path.find('\0') != path.npos) return "upstream.path: must not have a NUL byte";
  return plan.build_size() == 0 ? "" : std::string("build[0]") + kServiceIsReplaced;
}

/// Checks `memory_mib`. With a fault `take_memory`, the limit must leave 64 MiB for the fake
/// itself; otherwise the fake would run out of memory before the fault has fired.
std::string MemoryMistake(const v1::FaultPlan& plan) {
  const std::uint32_t bound = plan.memory_mib() == 0 ? kDefaultMemoryMib : plan.memory_mib();
  if (bound < kLeastMemoryMib || bound > kGreatestMemoryMib) {
    return "memory_mib: must be 64 to 4096";
  }
  std::uint64_t taken = 0;
  for (const v1::Fault& fault : plan.fault()) taken += fault.take_memory().mib();
  if (taken == 0 || taken + kLeastMemoryMib <= bound) return "";
  return "memory_mib: must be at least " + std::to_string(taken + kLeastMemoryMib) +
         " for what take_memory takes";
}

/// `re_exec` starts the daemon as a second run, too, and a run tells by one variable that it is the
/// second. An upstream is rootless by itself.
std::string RootlessMistake(const v1::FaultPlan& plan) {
  if (plan.rootless() && plan.has_upstream()) return "rootless: excludes upstream";
  for (const v1::Fault& fault : plan.fault()) {
    if (plan.rootless() && fault.has_re_exec()) return "rootless: excludes re_exec";
  }
  return "";
}

}  // namespace

Result<void> CheckPlan(const std::string& name, std::string_view text, const v1::FaultPlan& plan) {
  for (const std::string& error :
       {MemoryMistake(plan), UpstreamMistake(plan), RootlessMistake(plan)}) {
    if (!error.empty()) return BadInput(name + ": " + error);
  }
  Groups groups;
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (const std::string error = CheckFault(plan, i, groups); !error.empty()) {
      return BadInput(Place(name, text, v1::FaultPlan::kFaultFieldNumber, i) + error);
    }
  }
  const Reachable reachable(plan);
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (const std::string error = reachable.WhyNot(i); !error.empty()) {
      return BadInput(Place(name, text, v1::FaultPlan::kFaultFieldNumber, i) + error);
    }
  }
  for (int i = 0; i < plan.build_size(); ++i) {
    const char* mistake = BuildStepMistake(plan.build(i));
    if (!*mistake) continue;
    return BadInput(Place(name, text, v1::FaultPlan::kBuildFieldNumber, i) + "build[" +
                    std::to_string(i) + "]" + mistake);
  }
  return {};
}

}  // namespace zlayer::fakes::daemon
