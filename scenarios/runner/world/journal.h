// What the fakes of one run saw and did.

#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/process/deadline.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::scenarios {

/// The file that ZLAYER_FAKE_JOURNAL names. Stateless: each call reads it anew.
class Journal {
 public:
  explicit Journal(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }

  /// The complete lines as messages, none when there is no file yet; which line is none, and why.
  tl::expected<std::vector<fakes::v1::JournalEntry>, std::string> Entries() const;

  /// Waits until `count` entries, at least one, are of the event named `event`. False when the
  /// deadline passes or `stop` is requested first. The file must exist.
  bool Await(std::string_view event, size_t count, const Deadline& deadline,
             const std::stop_token& stop = {}) const;

  /// How many entries are of the event named `event`.
  size_t Count(std::string_view event) const;

  /// When the last event of this name was written.
  std::optional<std::chrono::steady_clock::time_point> Last(std::string_view event) const;

 private:
  std::string path_;
};

/// The name of the entry's event, such as "rpc_started".
std::string EventName(const fakes::v1::JournalEntry& entry);

/// The entry for people: "printed { ... }".
std::string ForPeople(const fakes::v1::JournalEntry& entry);

/// What makes the plan's faults meaningless in this run: a fault that was armed and never fired.
/// Empty when every armed one fired.
std::string UnfiredFault(const std::vector<fakes::v1::JournalEntry>& entries);

}  // namespace zlayer::scenarios
