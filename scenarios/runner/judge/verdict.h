// Compares what a scenario expects with what happened.
//
// JudgeStep judges the answer to one step: its outcome and its message. JudgeAftermath
// (aftermath.h) judges what is left after the client is gone. Both return a Violation for each
// difference. KnownFailures (known_failures.h) changes the status of scenarios that a list names.
// observation.h and result.h are the data: the answer of a client, the result of a scenario, a
// suite and a run.
//
// Invariants: a violation always blames the client. Anything else that goes wrong is a harness
// error, ScenarioResult::reason. JudgeStep looks only at its arguments.

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/judge/observation.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// What a violation is about.
enum class Verdict {
  outcome,    // success or the kind of error, how the sidecar ended, the time it took
  message,    // the text of the error
  aftermath,  // processes, zombies and descriptors that are left
};

std::string_view VerdictName(Verdict verdict);

struct Violation {
  Verdict verdict;
  std::string step;  // such as "step 2, shutdown"; "aftermath"
  std::string expected;
  std::string seen;
};

/// The longest time that a step without max_ms may take.
inline constexpr std::chrono::milliseconds kStepLimit{20'000};

/// The client's answer to a step, with what the runner measured itself.
struct StepAnswer {
  Observation seen;
  std::chrono::nanoseconds took{0};
  std::string previous_sidecar;  // Observation::sidecar of an earlier step; empty: there was none
  bool new_key = false;          // key.pem has changed since before the first step
  bool private_key = false;      // key.pem exists and only its owner can access it
  size_t starts = 0;             // sidecars started since the scenario began
};

/// The position of `wanted` in `text`, from `begin` on; npos when it is not there. ASCII case is
/// ignored, because clients may spell the same thing in their own way.
size_t FindText(std::string_view text, std::string_view wanted, size_t begin = 0);

/// Everything in `answer` that `expect` does not allow. `step` names the step in the violations.
std::vector<Violation> JudgeStep(const std::string& step, const v1::Expect& expect,
                                 const StepAnswer& answer, const Placeholders& values);

}  // namespace zlayer::scenarios
