// What happened when, told by several: the fakes' journal, the runner's steps, the client's log.
//
//   Timeline timeline;
//   timeline.Add("client", "spawn done");
//   for (const std::string& line : timeline.Lines()) ...

#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace zlayer::scenarios {

/// Thread-safe.
class Timeline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// Told by `who` at `at`. A client that says more than kMostEntries things is cut short.
  void Add(std::string_view who, std::string_view what, TimePoint at = TimePoint::clock::now());

  /// In the order of time, for people: "+12.3 ms  client  ...", counted from the first.
  std::vector<std::string> Lines() const;

  static constexpr size_t kMostEntries = 2000;

 private:
  struct Entry {
    TimePoint at;
    std::string text;
  };

  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace zlayer::scenarios
