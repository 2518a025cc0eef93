// Collects what happened in a scenario, and when. It joins three sources: the fakes' journal, the
// runner's steps and the client's log.
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

/// Thread-safe: the client logs from threads of its own.
class Timeline {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `who` reports `what`, which happened at `at`. Entries after the first kMostEntries are
  /// dropped, so that a client that floods its log costs bounded memory.
  void Add(std::string_view who, std::string_view what, TimePoint at = TimePoint::clock::now());

  /// The entries in the order of time, as "+12.3 ms  client  ...", counted from the first entry.
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
