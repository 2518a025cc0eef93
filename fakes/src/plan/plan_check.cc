#include "fakes/src/plan/plan_check.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>

#include <map>

#include "fakes/src/faults/registry.h"
#include "fakes/src/plan/unknown_value.h"
#include "fakes/src/process/memory_bound.h"

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

std::string FieldPath(int index, const std::string& field) {
  return "fault[" + std::to_string(index) + "]" + (field.empty() ? "" : "." + field);
}

/// What CheckPlan() has learnt from the faults that it has checked so far. Indexes are -1 for none.
struct Seen {
  std::map<std::string_view, std::string> groups;  // FaultKind::excludes to the fault that has it
  int ending = -1;                                 // the fault that ends the start earliest
  Reach end;                                       // the reach of that fault
  int handshake_preventer = -1;                    // a fault after which no TLS handshake begins
  int verification_preventer = -1;                 // a fault that verifies no client certificate
  int tls13_preventer = -1;                        // a fault that speaks an older TLS
  bool can_block = false;  // a fault makes the fake wait, so signals are seen
};

constexpr char kServiceIsReplaced[] =
    ": cannot fire: it acts inside the fake's own service, and upstream takes its place";

std::string NameOf(const v1::FaultPlan& plan, int index) {
  return FieldPath(index, std::string(FindFaultKind(plan.fault(index))->name));
}

std::string CheckFault(const v1::FaultPlan& plan, int index, Seen& seen) {
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
  const double probability = fault.when().probability();
  if (!(probability >= 0 && probability <= 1)) {
    return FieldPath(index, "when.probability") + ": must be above 0 and at most 1";
  }
  const std::string path = FieldPath(index, std::string(kind->name));
  const Mistake mistake = kind->check(fault);
  if (!mistake.field.empty()) return path + "." + mistake.field + ": " + mistake.what;
  if (!kind->excludes.empty()) {
    const auto [other, is_first] = seen.groups.try_emplace(kind->excludes, path);
    if (!is_first) return path + ": cannot fire together with " + other->second;
  }
  return "";
}

/// Records in `seen` whether this fault keeps other faults from firing: it ends the start, prevents
/// TLS handshakes, or skips the verification of clients. A fault with `when` does not count: there
/// may be launches or connections in which it does not happen.
void NoteEnding(const v1::FaultPlan& plan, int index, Seen& seen) {
  const Reach reach = FindFaultKind(plan.fault(index))->reach(plan.fault(index));
  seen.can_block = seen.can_block || reach.can_block;
  if (plan.fault(index).has_when()) return;
  if (reach.prevents_handshake && (seen.handshake_preventer < 0 || !reach.in_handshake))
    seen.handshake_preventer = index;
  if (reach.prevents_verification) seen.verification_preventer = index;
  if (reach.prevents_tls13) seen.tls13_preventer = index;
  if (!reach.ends_start || (seen.ending >= 0 && reach.stage >= seen.end.stage)) return;
  seen.ending = index;
  seen.end = reach;
}

/// Fails when another fault of the plan keeps this one from firing. All faults must be in `seen`.
std::string CheckReached(const v1::FaultPlan& plan, int index, const Seen& seen) {
  const Reach reach = FindFaultKind(plan.fault(index))->reach(plan.fault(index));
  int preventing = reach.in_handshake ? seen.handshake_preventer : -1;
  if (preventing < 0 && reach.verifies_client) preventing = seen.verification_preventer;
  if (preventing < 0 && reach.needs_tls13) preventing = seen.tls13_preventer;
  if (preventing >= 0 && preventing != index) {
    return NameOf(plan, index) + ": cannot fire together with " + NameOf(plan, preventing);
  }
  if (seen.ending < 0 || index == seen.ending) return "";
  const bool later =
      reach.stage > seen.end.stage || (reach.stage == seen.end.stage && index > seen.ending);
  if (!later || (reach.fires_in_any_wait && (seen.can_block || !seen.end.at_once))) return "";
  return NameOf(plan, index) + ": cannot fire: " + NameOf(plan, seen.ending) +
         " ends the start before it";
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
  Seen seen;
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (const std::string error = CheckFault(plan, i, seen); !error.empty()) {
      return BadInput(Place(name, text, v1::FaultPlan::kFaultFieldNumber, i) + error);
    }
    NoteEnding(plan, i, seen);
  }
  for (int i = 0; i < plan.fault_size(); ++i) {
    if (const std::string error = CheckReached(plan, i, seen); !error.empty()) {
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
