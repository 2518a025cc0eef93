#include "scenarios/runner/judge/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace zlayer::scenarios {
namespace {

std::string Result(const std::string& error, const std::string& message) {
  return error.empty() ? "success" : message.empty() ? error : error + ": " + message;
}

std::string Ended(std::string_view how, std::optional<int> number) {
  return number ? fmt::format("{} {}", how, *number) : fmt::format("no {}", how);
}

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Collects the violations of one step.
class Judge {
 public:
  Judge(std::string step, const v1::Expect& expect, const StepAnswer& answer)
      : step_(std::move(step)), expect_(expect), answer_(answer) {}

  void Outcome();
  void Window();
  void Texts(const Placeholders& values);

  std::vector<Violation> Take() { return std::move(violations_); }

 private:
  void Add(Verdict verdict, std::string expected, std::string seen) {
    violations_.push_back({verdict, step_, std::move(expected), std::move(seen)});
  }

  void Key();
  void Sidecar();
  size_t Text(std::string_view where, const std::string& pattern, const std::string& text,
              const Placeholders& values, size_t begin);

  std::string step_;
  const v1::Expect& expect_;
  const StepAnswer& answer_;
  std::vector<Violation> violations_;
};

void Judge::Outcome() {
  const Observation& seen = answer_.seen;
  if (seen.error != expect_.error()) {
    Add(Verdict::outcome, Result(expect_.error(), ""), Result(seen.error, seen.message));
  }
  if (expect_.has_exit_code() && seen.exit_code != expect_.exit_code()) {
    Add(Verdict::outcome, Ended("exit code", expect_.exit_code()),
        Ended("exit code", seen.exit_code) + ", " + Ended("signal", seen.signal));
  }
  if (expect_.has_signal() && seen.signal != expect_.signal()) {
    Add(Verdict::outcome, Ended("signal", expect_.signal()),
        Ended("signal", seen.signal) + ", " + Ended("exit code", seen.exit_code));
  }
  if (expect_.has_escalated() && seen.escalated != expect_.escalated()) {
    const auto text = [](std::optional<bool> escalated) {
      return !escalated ? "no report" : *escalated ? "SIGKILL was needed" : "no SIGKILL was needed";
    };
    Add(Verdict::outcome, text(expect_.escalated()), text(seen.escalated));
  }
  if (expect_.has_retryable() && seen.retryable != expect_.retryable()) {
    const auto text = [](std::optional<bool> retryable) {
      return !retryable ? "the client does not say" : *retryable ? "retryable" : "not retryable";
    };
    Add(Verdict::outcome, text(expect_.retryable()), text(seen.retryable));
  }
  Key();
  Sidecar();
}

void Judge::Key() {
  if (expect_.has_new_key() && answer_.new_key != expect_.new_key()) {
    const auto text = [](bool is_new) {
      return is_new ? "another private key than at first" : "the private key as it was at first";
    };
    Add(Verdict::outcome, text(expect_.new_key()), text(answer_.new_key));
  }
  if (expect_.has_private_key() && answer_.private_key != expect_.private_key()) {
    const auto text = [](bool is_private) {
      return is_private ? "a key that only its owner can access"
                        : "no key, or a key that others can access";
    };
    Add(Verdict::outcome, text(expect_.private_key()), text(answer_.private_key));
  }
}

void Judge::Sidecar() {
  if (expect_.has_starts() && answer_.starts != expect_.starts()) {
    Add(Verdict::outcome, fmt::format("{} sidecars started so far", expect_.starts()),
        fmt::format("{}", answer_.starts));
  }
  if (!expect_.has_new_sidecar() || !answer_.seen.ok()) return;
  const bool is_new = answer_.seen.sidecar != answer_.previous_sidecar;
  if (is_new == expect_.new_sidecar()) return;
  Add(Verdict::outcome,
      fmt::format("{} sidecar as before ({})", is_new ? "the same" : "another",
                  answer_.previous_sidecar),
      answer_.seen.sidecar);
}

void Judge::Window() {
  const double took = Milliseconds(answer_.took);
  const double most = expect_.max_ms() != 0 ? expect_.max_ms() : Milliseconds(kStepLimit);
  if (took < expect_.min_ms()) {
    Add(Verdict::outcome, fmt::format("not before {} ms", expect_.min_ms()),
        fmt::format("{:.1f} ms", took));
  }
  if (took > most) {
    Add(Verdict::outcome, fmt::format("within {} ms", most), fmt::format("{:.1f} ms", took));
  }
}

/// Looks for `pattern` in `text`, from `begin` on, ignoring case. Returns the end of the match, so
/// that the next text can be looked for after it; adds a violation and returns `begin` when there
/// is none.
size_t Judge::Text(std::string_view where, const std::string& pattern, const std::string& text,
                   const Placeholders& values, size_t begin) {
  const auto wanted = values.Expand(pattern);
  if (!wanted) {
    Add(Verdict::message, fmt::format("{} names {}", where, pattern), wanted.error());
    return begin;
  }
  const size_t found = FindText(text, *wanted, begin);
  if (found != text.npos) return found + wanted->size();
  Add(Verdict::message, fmt::format("{} names \"{}\"", where, *wanted),
      fmt::format("\"{}\"", text.substr(begin)));
  return begin;
}

void Judge::Texts(const Placeholders& values) {
  const Observation& seen = answer_.seen;
  for (const std::string& text : expect_.log()) {
    Text("the build's log", text, seen.log, values, 0);
  }
  if (seen.ok()) return;  // a success has no message; an expected error is missed by Outcome()
  if (seen.message.empty() || seen.message.find('\n') != seen.message.npos) {
    Add(Verdict::message, "one line that says what happened", fmt::format("\"{}\"", seen.message));
  }
  for (const std::string& text : expect_.message()) {
    Text("the message", text, seen.message, values, 0);
  }
  size_t from = 0;
  for (const std::string& text : expect_.message_in_order()) {
    from = Text("the message, in order,", text, seen.message, values, from);
  }
  for (const std::string& text : expect_.stderr()) {
    Text("the end of stderr", text, seen.stderr_tail, values, 0);
  }
}

}  // namespace

size_t FindText(std::string_view text, std::string_view wanted, size_t begin) {
  const auto same = [](char a, char b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c + 0; };
    return lower(a) == lower(b);
  };
  const auto from = text.begin() + static_cast<std::ptrdiff_t>(std::min(begin, text.size()));
  const auto found = std::search(from, text.end(), wanted.begin(), wanted.end(), same);
  return found == text.end() && !wanted.empty() ? text.npos
                                                : static_cast<size_t>(found - text.begin());
}

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::outcome:
      return "outcome";
    case Verdict::message:
      return "message";
    case Verdict::aftermath:
      return "aftermath";
  }
  return "";
}

std::vector<Violation> JudgeStep(const std::string& step, const v1::Expect& expect,
                                 const StepAnswer& answer, const Placeholders& values) {
  Judge judge(step, expect, answer);
  judge.Outcome();
  judge.Window();
  judge.Texts(values);
  return judge.Take();
}

}  // namespace zlayer::scenarios
