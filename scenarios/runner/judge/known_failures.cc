#include "scenarios/runner/judge/known_failures.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <sstream>

#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

constexpr const char* kSpace = " \t\r";

bool Matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace

tl::expected<KnownFailures, std::string> KnownFailures::Parse(std::string_view file,
                                                              std::string_view text,
                                                              const Catalog& catalog) {
  const std::vector<std::string> names = catalog.Names();
  KnownFailures known;
  std::istringstream lines{std::string(text)};
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    const size_t begin = line.find_first_not_of(kSpace);
    if (begin == line.npos || line[begin] == '#') continue;
    const size_t end = line.find_first_of(kSpace, begin);
    const size_t reason = end == line.npos ? end : line.find_first_not_of(kSpace, end);
    const Entry entry{line.substr(begin, end - begin),
                      reason == line.npos ? "" : line.substr(reason)};
    if (entry.reason.empty()) {
      return tl::unexpected(fmt::format("{}:{}: \"{}\" has no reason; write it after the name",
                                        file, number, entry.pattern));
    }
    if (std::none_of(names.begin(), names.end(),
                     [&](const auto& name) { return Matches(entry.pattern, name); })) {
      return tl::unexpected(fmt::format("{}:{}: no scenario matches \"{}\"{}", file, number,
                                        entry.pattern, Suggestion(entry.pattern, names)));
    }
    known.entries_.push_back(entry);
  }
  return known;
}

const KnownFailures::Entry* KnownFailures::Find(const std::string& name) const {
  for (const Entry& entry : entries_) {
    if (Matches(entry.pattern, name)) return &entry;
  }
  return nullptr;
}

ScenarioResult KnownFailures::Judge(ScenarioResult result) const {
  const Entry* entry = Find(result.name);
  if (entry == nullptr) return result;
  if (result.status == Status::failed) {
    result.status = Status::known_failure;
    result.reason = "known to fail: " + entry->reason;
  } else if (result.status == Status::passed) {
    result.status = Status::failed;
    result.violations.push_back(
        {Verdict::outcome, "known failures",
         fmt::format("a failure, as the list has it (\"{}\": {})", entry->pattern, entry->reason),
         "it passed; take it off the list"});
  }
  return result;
}

}  // namespace zlayer::scenarios
