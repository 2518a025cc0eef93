#include "scenarios/runner/report/explain.h"

#include <fmt/format.h>

#include <iterator>

namespace zlayer::scenarios {
namespace {

constexpr size_t kStderrShown = 2048;  // last bytes of the sidecar's stderr

/// Escapes control characters, so that a sidecar's or a client's output cannot change the terminal.
std::string Printable(std::string_view text) {
  std::string printable;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n' || (byte >= 0x20 && byte != 0x7f)) {
      printable += c;
    } else {
      printable += fmt::format("\\x{:02x}", byte);
    }
  }
  return printable;
}

std::string Indented(std::string_view text) {
  std::string indented;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    indented += "    " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return indented;
}

}  // namespace

std::string_view StatusName(Status status) {
  switch (status) {
    case Status::passed:
      return "ok";
    case Status::failed:
      return "FAIL";
    case Status::harness_error:
      return "ERROR";
    case Status::skipped:
      return "skip";
    case Status::known_failure:
      return "known";
  }
  return "";
}

std::string Explain(const ScenarioResult& result) {
  switch (result.status) {
    case Status::passed:
      return "";
    case Status::skipped:
    case Status::known_failure:
      return "    " + Printable(result.reason) + "\n";
    case Status::failed:
    case Status::harness_error:
      break;
  }
  std::string text;
  const auto out = std::back_inserter(text);
  for (const Violation& violation : result.violations) {
    fmt::format_to(out, "  {} ({})\n    expected  {}\n    seen      {}\n",
                   VerdictName(violation.verdict), violation.step, Printable(violation.expected),
                   Printable(violation.seen));
  }
  if (!result.reason.empty()) {
    fmt::format_to(out, "  harness error\n    {}\n", Printable(result.reason));
  }
  if (!result.timeline.empty()) {
    text += "  what happened\n";
    for (const std::string& line : result.timeline) text += Indented(Printable(line));
  }
  if (!result.stderr_tail.empty()) {
    std::string_view tail = result.stderr_tail;
    if (tail.size() > kStderrShown) tail.remove_prefix(tail.size() - kStderrShown);
    text += "  end of the sidecar's stderr\n" + Indented(Printable(tail));
  }
  fmt::format_to(out, "  again with\n    {}\n", result.rerun);
  return text;
}

}  // namespace zlayer::scenarios
