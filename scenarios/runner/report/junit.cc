#include "scenarios/runner/report/junit.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <pugixml.hpp>
#include <sstream>

#include "scenarios/runner/report/explain.h"

namespace zlayer::scenarios {
namespace {

std::string Seconds(std::chrono::nanoseconds time) {
  return fmt::format("{:.3f}", std::chrono::duration<double>(time).count());
}

size_t Count(const SuiteResult& suite, Status status) {
  size_t count = 0;
  for (const ScenarioResult& result : suite.results) count += result.status == status ? 1 : 0;
  return count;
}

std::string Headline(const ScenarioResult& result) {
  if (result.status == Status::harness_error || result.violations.empty()) {
    return result.reason;
  }
  const Violation& first = result.violations.front();
  return fmt::format("{}: expected {}, seen {}", VerdictName(first.verdict), first.expected,
                     first.seen);
}

/// XML 1.0 forbids most control characters, even escaped ones. Replaces them by "?".
std::string ForXml(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') c = '?';
  }
  return text;
}

void Append(const ScenarioResult& result, const std::string& suite, pugi::xml_node* parent) {
  pugi::xml_node test = parent->append_child("testcase");
  test.append_attribute("classname") = suite.c_str();
  test.append_attribute("name") = result.name.c_str();
  test.append_attribute("time") = Seconds(result.took).c_str();
  if (result.status == Status::passed) return;
  if (result.status == Status::skipped || result.status == Status::known_failure) {
    test.append_child("skipped").append_attribute("message") = ForXml(result.reason).c_str();
    return;
  }
  pugi::xml_node bad = test.append_child(result.status == Status::failed ? "failure" : "error");
  bad.append_attribute("message") = ForXml(Headline(result)).c_str();
  bad.text().set(ForXml(Explain(result)).c_str());
}

void Append(const SuiteResult& suite, pugi::xml_node* parent) {
  pugi::xml_node node = parent->append_child("testsuite");
  std::chrono::nanoseconds took{0};
  for (const ScenarioResult& result : suite.results) took += result.took;
  node.append_attribute("name") = suite.name.c_str();
  node.append_attribute("tests") = suite.results.size();
  node.append_attribute("failures") = Count(suite, Status::failed);
  node.append_attribute("errors") = Count(suite, Status::harness_error);
  node.append_attribute("skipped") =
      Count(suite, Status::skipped) + Count(suite, Status::known_failure);
  node.append_attribute("time") = Seconds(took).c_str();
  for (const ScenarioResult& result : suite.results) Append(result, suite.name, &node);
}

}  // namespace

std::string ToJUnit(const RunResult& run) {
  pugi::xml_document document;
  pugi::xml_node suites = document.append_child("testsuites");
  size_t tests = 0;
  for (const SuiteResult& suite : run.suites) tests += suite.results.size();
  suites.append_attribute("tests") = tests;
  suites.append_attribute("failures") = run.Count(Status::failed);
  suites.append_attribute("errors") = run.Count(Status::harness_error);
  for (const SuiteResult& suite : run.suites) Append(suite, &suites);
  std::ostringstream text;
  document.save(text, "  ", pugi::format_default, pugi::encoding_utf8);
  return text.str();
}

tl::expected<void, std::string> WriteJUnit(const RunResult& run, const std::string& path) {
  std::ofstream file(path, std::ios::binary);
  file << ToJUnit(run) << std::flush;
  if (!file) {
    return tl::unexpected(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
  }
  return {};
}

}  // namespace zlayer::scenarios
