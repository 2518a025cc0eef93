// What was expected and what was seen.

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/judge/observation.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The three things that are judged apart.
enum class Verdict {
  outcome,    // result, kind of the error, how the sidecar ended, time
  message,    // what the error names
  aftermath,  // what is left
};

std::string_view VerdictName(Verdict verdict);

struct Violation {
  Verdict verdict;
  std::string step;  // such as "step 2, shutdown"; "aftermath"
  std::string expected;
  std::string seen;
};

/// Longest time a step without max_ms may take.
inline constexpr std::chrono::milliseconds kStepLimit{20'000};

/// What a step's answer looks like from outside.
struct StepAnswer {
  Observation seen;
  std::chrono::nanoseconds took{0};
  std::string previous_sidecar;  // identity of the last one seen before; may be empty
  bool new_key = false;          // key.pem is another one than in the world at first
  bool private_key = false;      // there is a key.pem, and only its owner may do anything with it
  size_t starts = 0;             // sidecars since the scenario began
};

/// Where `wanted` is in `text` from `begin` on, whatever the case of its letters: clients name the
/// same thing in words of their own. npos when it is nowhere.
size_t FindText(std::string_view text, std::string_view wanted, size_t begin = 0);

/// Everything in `answer` that `expect` does not allow.
std::vector<Violation> JudgeStep(const std::string& step, const v1::Expect& expect,
                                 const StepAnswer& answer, const Placeholders& values);

}  // namespace zlayer::scenarios
