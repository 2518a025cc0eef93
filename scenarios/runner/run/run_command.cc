#include "scenarios/runner/run/run_command.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "scenarios/runner/catalog/check_step.h"
#include "scenarios/runner/catalog/needs.h"
#include "scenarios/runner/clients/adapter_client.h"
#include "scenarios/runner/process/alarm.h"
#include "scenarios/runner/process/line_reader.h"
#include "scenarios/runner/process/token_processes.h"

namespace zlayer::scenarios {
namespace {

using std::chrono::milliseconds;

/// Time for the command's own start and exit, such as an interpreter's, on top of a scenario's
/// max_ms.
constexpr milliseconds kCommandOverhead{1'000};
constexpr size_t kOutputKept = size_t{1} << 20;  // bytes

/// The step whose expectation the whole command is judged by: the first that must fail, else the
/// last. A command has one end, not one for each step.
const v1::Step& JudgedStep(const v1::Scenario& scenario) {
  for (const v1::Step& step : scenario.step()) {
    if (!step.expect().error().empty()) return step;
  }
  return scenario.step(scenario.step_size() - 1);
}

/// Whether the step is part of what every command does in its one run.
bool CommandTakes(const v1::Step& step) {
  return step.has_ensure() || step.has_health() || step.has_build() || step.has_drop() ||
         step.has_shutdown();
}

/// The first setting that cannot be given to a command. Only the limits of time and the address
/// have an environment variable; see CommandEnvironment.
std::string UnsupportedSetting(const v1::ClientSettings& settings) {
  const auto* reflection = v1::ClientSettings::GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection->ListFields(settings, &set);
  for (const auto* field : set) {
    if (!field->name().ends_with("_ms") && field->name() != "addr") return field->name();
  }
  return "";
}

/// The world's environment, ZLAYER_SCENARIO_<SETTING> for each setting, and ZLAYER_BUILDD_ADDR,
/// which clients in production read.
EnvironmentMap CommandEnvironment(const World& world) {
  EnvironmentMap environment = AdapterEnvironment(world.setup());
  const v1::ClientSettings& settings = world.setup().settings;
  const auto* reflection = v1::ClientSettings::GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> set;
  reflection->ListFields(settings, &set);
  for (const auto* field : set) {
    std::string name = "ZLAYER_SCENARIO_";
    for (const char c : field->name()) name += static_cast<char>(std::toupper(c));
    environment[name] = field->name() == "addr"
                            ? settings.addr()
                            : std::to_string(reflection->GetInt64(settings, field));
  }
  if (settings.has_addr()) environment["ZLAYER_BUILDD_ADDR"] = settings.addr();
  return environment;
}

/// How a command ended.
struct CommandExit {
  std::optional<int> status;  // exit status or 128 + signal; none: it was killed at its limit
  std::string output;         // stdout and stderr
  std::chrono::nanoseconds took{0};
};

/// Runs the command until it exits or `limit` is over; then everything with the world's token is
/// killed. stdout and stderr go into one pipe, so that their lines keep their order.
tl::expected<CommandExit, std::string> RunToEnd(const std::vector<std::string>& argv,
                                                const World& world, milliseconds limit,
                                                Timeline* timeline) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return tl::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  UniqueFd read_end(ends[0]);
  UniqueFd write_end(ends[1]);
  const auto begin = std::chrono::steady_clock::now();
  auto child = ChildProcess::Start(argv, CommandEnvironment(world),
                                   {false, write_end.get(), write_end.get()});
  if (!child) return tl::unexpected(child.error());
  write_end.Reset();
  CommandExit end;
  {
    const LineReader output(std::move(read_end), [&](std::string_view line) {
      timeline->Add("client", line);
      if (end.output.size() < kOutputKept) end.output.append(line).append("\n");
    });
    const int status = child->Wait(Deadline(limit));
    end.took = std::chrono::steady_clock::now() - begin;
    if (status >= 0) {
      end.status = status;
    } else {
      KillAll(FindByToken(world.token()));
    }
  }  // ~LineReader has read all output
  return end;
}

}  // namespace

std::string UnfitForCommand(const v1::Scenario& scenario, const ClientCommand& command) {
  for (const v1::Step& step : scenario.step()) {
    if (!CommandTakes(step)) return "a command cannot take the step " + ActionName(step);
  }
  for (const v1::Capability need : Needs(scenario)) {
    if (!command.can.contains(need)) {
      return fmt::format("needs {}, which the command does not declare", Capability_Name(need));
    }
  }
  const std::string setting = UnsupportedSetting(scenario.client());
  if (!setting.empty()) return "client." + setting + " cannot be given to a command";
  return "";
}

void RunCommand(const v1::Scenario& scenario, const ClientCommand& command, const World& world,
                Timeline* timeline, ScenarioResult* result) {
  const v1::Step& step = JudgedStep(scenario);
  const v1::Expect& expect = step.expect();
  const milliseconds limit =
      expect.max_ms() == 0 ? kStepLimit : milliseconds(expect.max_ms()) + kCommandOverhead;
  const auto end = RunToEnd(command.argv, world, limit, timeline);
  if (!end) {
    result->reason = "the command: " + end.error();
    return;
  }
  const auto add = [result](Verdict verdict, std::string expected, std::string seen) {
    result->violations.push_back({verdict, "command", std::move(expected), std::move(seen)});
  };
  if (!end->status) {
    add(Verdict::outcome, fmt::format("its end within {} ms", limit.count()),
        "it was killed with all that it had started");
    return;
  }
  if (end->took < milliseconds(expect.min_ms())) {
    add(Verdict::outcome, fmt::format("not before {} ms", expect.min_ms()),
        fmt::format("{} ms", std::chrono::duration_cast<milliseconds>(end->took).count()));
  }
  const bool failure = !expect.error().empty();
  if (failure != (*end->status != 0)) {
    add(Verdict::outcome, failure ? "a failure, " + expect.error() : "success",
        fmt::format("exit status {}", *end->status));
    return;
  }
  if (!failure) return;
  // The exit status says that the command failed; the reason can only be in its output.
  const auto values = world.placeholders();
  for (const auto* texts : {&expect.message(), &expect.message_in_order(), &expect.stderr()}) {
    for (const std::string& text : *texts) {
      const auto wanted = values.Expand(text);
      if (wanted && FindText(end->output, *wanted) != std::string::npos) continue;
      add(Verdict::message, fmt::format("output that names \"{}\"", wanted.value_or(text)),
          fmt::format("\"{}\"", end->output));
    }
  }
}

}  // namespace zlayer::scenarios
