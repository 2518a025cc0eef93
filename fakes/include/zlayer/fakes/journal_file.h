// What fakes saw and did, as they write it down.
//
//   auto call = journal.WaitFor("rpc_started");
//   if (!call) return Fail(call.error().message);
//   if (!call->Text("method").ends_with("/Health")) return Fail("asked something else first");
//
// proto/journal.proto lists the events and their fields.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "zlayer/fakes/error.h"

namespace zlayer::fakes {

/// One event. A field within a field has a dotted name, an element of a list its index: "argv.0",
/// "plan.fault.0.ignore_signals". Zero values are left out, bytes are base64.
struct JournalEntry {
  std::string event;              ///< such as "fault_fired"
  pid_t pid = 0;                  ///< of the fake
  std::int64_t monotonic_ns = 0;  ///< CLOCK_MONOTONIC
  std::map<std::string, std::string, std::less<>> fields;

  /// "" where the field is left out.
  std::string Text(std::string_view field) const;
  /// 0 where the field is left out or is no integer.
  std::int64_t Number(std::string_view field) const;
};

/// The file that ZLAYER_FAKE_JOURNAL names. Holds no descriptor between two calls. Any thread may
/// call; several may wait at once.
class JournalFile {
 public:
  using Wanted = std::function<bool(const JournalEntry&)>;

  /// `ends` is a descriptor, not owned, that is readable once nobody will write any more, such as
  /// a pidfd; -1: somebody always may.
  explicit JournalFile(std::string path, int ends = -1) : path_(std::move(path)), ends_(ends) {}

  const std::string& path() const { return path_; }

  /// Every whole line until now. io, malformed.
  [[nodiscard]] Result<std::vector<JournalEntry>> Read() const;

  /// The first entry of the file that is `wanted`, or has this event; at once when it is there.
  /// timeout and ended name the events that came instead.
  [[nodiscard]] Result<JournalEntry> WaitFor(const Wanted& wanted,
                                             std::chrono::milliseconds limit = kDefaultLimit) const;
  [[nodiscard]] Result<JournalEntry> WaitFor(std::string_view event,
                                             std::chrono::milliseconds limit = kDefaultLimit) const;

  /// The first fault_fired of this kind, such as "tls_off". A fault that did not fire means that
  /// the test did not test it.
  [[nodiscard]] Result<JournalEntry> WaitForFault(
      std::string_view kind, std::chrono::milliseconds limit = kDefaultLimit) const;

 private:
  Result<JournalEntry> WaitFor(const std::string& what, const Wanted& wanted,
                               std::chrono::milliseconds limit) const;

  std::string path_;
  int ends_;
};

}  // namespace zlayer::fakes
