#include "fakes/src/plan/plan_source.h"

#include <sys/auxv.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "fakes/src/plan/plan_check.h"
#include "fakes/src/plan/presets.h"
#include "proto/message_file.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr char kProgram[] = "zlayer-buildd";
constexpr char kVariable[] = "ZLAYER_FAKE_PLAN";

/// The path that execve(2) got, made absolute. Symbolic links are not resolved, because each preset
/// is a link to the same program. argv[0] is not used: a client may set it to anything.
std::filesystem::path InvocationPath() {
  const auto* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (!path) return {};
  std::error_code error;
  return std::filesystem::absolute(path, error).lexically_normal();
}

Result<ChosenPlan> Parse(std::string source, const std::string& name, std::string_view text) {
  auto plan = ParseMessage<v1::FaultPlan>(name, text);
  if (!plan) return BadInput(plan.error());
  if (plan->ByteSizeLong() == 0) {
    return BadInput(name + ": is empty; the honest daemon is the preset \"honest\"");
  }
  if (auto fires = CheckPlan(name, text, *plan); !fires) return tl::unexpected(fires.error());
  return ChosenPlan{std::move(source), std::move(*plan)};
}

Result<ChosenPlan> PlanFromPreset(const std::string& name) {
  const Result<std::string_view> text = PresetText(name);
  if (!text) return tl::unexpected(text.error());
  return Parse("preset " + name, "preset " + name, *text);
}

/// `value` is a plan, which has a brace, a preset's name or a file's path. A preset wins over a
/// file of the same name. A value without a slash or a dot is taken for a mistyped preset, not for
/// a file.
Result<ChosenPlan> PlanFromVariable(const std::string& value) {
  if (value.find('{') != value.npos) return Parse(kVariable, kVariable, value);
  if (value.empty()) {
    return BadInput("ZLAYER_FAKE_PLAN: is set and empty; unset it, or name the preset \"honest\"");
  }
  if (PresetText(value)) return PlanFromPreset(value);
  const bool is_path = value.find_first_of("/.") != value.npos;
  Result<ChosenPlan> plan = is_path ? PlanFromFile(value) : PlanFromPreset(value);
  if (!plan) plan.error().message = "ZLAYER_FAKE_PLAN: " + plan.error().message;
  if (!plan && value.find(':') != value.npos) plan.error().message += "; a plan itself has a {";
  if (!plan && !is_path && access(value.c_str(), F_OK) == 0) {
    plan.error().message += "; for the file of that name, write ./" + value;
  }
  return plan;
}

/// The plan by the first of the places that plan_source.h names.
Result<ChosenPlan> PlanOfPlace() {
  if (const char* value = std::getenv(kVariable)) return PlanFromVariable(value);
  const std::filesystem::path invocation = InvocationPath();
  const std::string beside = BesideProgram("zlayer-buildd.plan");
  if (access(beside.c_str(), F_OK) == 0) return PlanFromFile(beside);
  const std::filesystem::path directory = invocation.parent_path();
  if (invocation.filename() == kProgram && directory.parent_path().filename() == "fakes") {
    return PlanFromPreset(directory.filename());
  }
  return ChosenPlan{};
}

}  // namespace

Result<ChosenPlan> PlanFromFile(const std::string& path) {
  const bool is_stdin = path == "-";
  auto text = ReadFile(is_stdin ? "/dev/stdin" : path, kLargestWritten);
  if (!text) return BadInput(text.error());
  const std::string name = is_stdin ? "stdin" : path;
  return Parse(name, name, *text);
}

std::string BesideProgram(const std::string& name) { return InvocationPath().parent_path() / name; }

Result<ChosenPlan> ChoosePlan() {
  Result<ChosenPlan> chosen = PlanOfPlace();
  const char* upstream = std::getenv("ZLAYER_FAKE_UPSTREAM");
  if (!chosen || !upstream) return chosen;
  chosen->plan.mutable_upstream()->set_path(upstream);
  if (auto fires = CheckPlan(chosen->source, "", chosen->plan); !fires) {
    return BadInput("ZLAYER_FAKE_UPSTREAM: " + fires.error().message);
  }
  return chosen;
}

}  // namespace zlayer::fakes::daemon
