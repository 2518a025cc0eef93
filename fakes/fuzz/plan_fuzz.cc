// Fuzzes `--check` with any text. The text is either refused with an error of one line, or it is a
// plan that is the same after printing and parsing, and that can be armed.

#include <google/protobuf/text_format.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdint>
#include <string>

#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/plan/plan_check.h"
#include "fakes/src/service/build_script.h"
#include "proto/message_file.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::fakes::daemon {
namespace {

/// The error that `--check` prints for `text`; empty when it is a valid plan.
std::string Judge(const std::string& text, v1::FaultPlan& plan) {
  auto parsed = ParseMessage<v1::FaultPlan>("plan", text);
  if (!parsed) return parsed.error();
  plan = *parsed;
  const auto fires = CheckPlan("plan", text, plan);
  return fires ? "" : fires.error().message;
}

void ExpectOneLine(const std::string& error) {
  MustHold(error.starts_with("plan:"), "an error names the file first");
  MustHold(error.find_first_of("\r\n") == error.npos, "an error is one line");
}

void ExpectSameWhenPrinted(const v1::FaultPlan& plan) {
  std::string text;
  v1::FaultPlan again;
  MustHold(google::protobuf::TextFormat::PrintToString(plan, &text), "a plan can be printed");
  MustHold(Judge(text, again).empty(), "a good plan that was printed is a good plan");
  MustHold(google::protobuf::util::MessageDifferencer::Equals(plan, again),
           "a plan that was printed is the same plan");
}

/// Arms the plan as a launch does, but starts nothing.
void Arm(const v1::FaultPlan& plan) {
  Journal journal;
  const DaemonFlags flags;
  ArmedFaults armed(flags, 1, journal);
  if (auto done = armed.ArmPlan(plan); !done) {
    MustHold(!done.error().message.empty(), "a plan that is refused hears why");
  }
  for (const v1::BuildStep& step : plan.build()) {
    if (step.log_bytes() > 1024) return;
  }
  const BuildScript script = ScriptOf(plan, {}, false);
  MustHold(!script.steps.empty(), "a Build has a script");
}

void JudgeAndArm(const std::string& text) {
  v1::FaultPlan plan;
  const std::string error = Judge(text, plan);
  if (!error.empty()) return ExpectOneLine(error);
  ExpectSameWhenPrinted(plan);
  Arm(plan);
}

}  // namespace
}  // namespace zlayer::fakes::daemon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::fakes::daemon::JudgeAndArm({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
