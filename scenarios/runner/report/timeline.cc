#include "scenarios/runner/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>

namespace zlayer::scenarios {

void Timeline::Add(std::string_view who, std::string_view what, TimePoint at) {
  const std::lock_guard lock(mutex_);
  if (entries_.size() < kMostEntries) entries_.push_back({at, fmt::format("{:<8}  {}", who, what)});
}

std::vector<std::string> Timeline::Lines() const {
  std::vector<Entry> entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.at < b.at; });
  std::vector<std::string> lines;
  for (const Entry& entry : entries) {
    const std::chrono::duration<double, std::milli> since = entry.at - entries.front().at;
    lines.push_back(fmt::format("{:>9}  {}", fmt::format("+{:.1f} ms", since.count()), entry.text));
  }
  return lines;
}

}  // namespace zlayer::scenarios
