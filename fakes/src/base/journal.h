// The journal: a file in which the fake records what it saw and did, one JSON object (a
// JournalEntry of journal.proto) a line.
//
// This room, base/, holds what every other room uses. Three files write: journal.h for tests,
// log.h for the daemon's log on stderr, stdio_write.h for raw bytes on stdout and stderr.
// trigger.h decides at each occasion whether a fault happens, with chance from random.h.
// failure.h has the error type, daemon_flags.h the daemon's flags, monotonic.h the clock.
// Base includes no other room. Start reading at failure.h and trigger.h.
//
//   journal.Write([&](v1::JournalEntry& entry) { entry.mutable_listening()->set_address(address);
//   });

#pragma once

#include <mutex>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::v1 {
class JournalEntry;
}

namespace zlayer::fakes::daemon {

/// Thread-safety: Write may be called from any thread. Each entry is one write(2) to a file opened
/// with O_APPEND, so several fakes can share the file. The entry is in the file before Write
/// returns: a fake that is killed has recorded everything up to then. The first write that fails is
/// reported on stderr, later ones are not. Before Open, Write does nothing.
class Journal {
 public:
  Journal() = default;

  /// Opens `path` for appending and creates it when it is missing. Errors are bad input.
  Result<void> Open(const std::string& path);

  /// Calls `fill(entry)` and writes the entry. Does not call `fill` when there is no file.
  template <typename Fill>
  void Write(Fill&& fill) {
    if (!file_) return;
    WriteEntry(&CallFill<Fill>, &fill);
  }

  /// The file, for the signal handler of the lifetime, which must not lock; -1 without a file.
  int fd() const { return file_.get(); }

 private:
  template <typename Fill>
  static void CallFill(void* fill, v1::JournalEntry& entry) {
    (*static_cast<std::remove_reference_t<Fill>*>(fill))(entry);
  }

  void WriteEntry(void (*fill)(void*, v1::JournalEntry&), void* context);

  std::mutex order_;  // makes the order of lines the order of their timestamps
  bool has_loss_ = false;
  UniqueFd file_;
};

}  // namespace zlayer::fakes::daemon
