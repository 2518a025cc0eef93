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

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

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

  /// Opens `path` for appending and creates it when it is missing. Errors are bad input; they name
  /// the path behind `origin`. A FIFO is waited for until somebody reads it.
  Result<void> Open(const std::string& path, std::string_view origin);

  /// Calls `fill(entry)` and writes the entry. Does not call `fill` when nobody would see it.
  template <typename Fill>
  void Write(Fill&& fill) {
    if (!file_ && !has_follower_) return;
    WriteEntry(&CallFill<Fill>, &fill);
  }

  /// Gets each line, with its newline, in the order of the file; also when there is no file. Called
  /// on the thread that writes, which it must not hold up. Empty: nobody follows any more.
  using Follower = std::function<void(const std::string& line)>;
  void SetFollower(Follower follower);

  /// fork(2), at a moment at which no other thread writes: the child may write, too.
  pid_t Fork();

  /// The file, for the signal handler of the lifetime, which must not lock; -1 without a file.
  int fd() const { return file_.get(); }

 private:
  template <typename Fill>
  static void CallFill(void* fill, v1::JournalEntry& entry) {
    (*static_cast<std::remove_reference_t<Fill>*>(fill))(entry);
  }

  void WriteEntry(void (*fill)(void*, v1::JournalEntry&), void* context);
  /// Writes the entry with its time. Returns what to say of the first entry that is lost.
  std::string Append(v1::JournalEntry& entry);

  std::mutex order_;  // makes the order of lines the order of their timestamps; guards follower_
  std::atomic<bool> has_follower_ = false;
  Follower follower_;
  bool has_loss_ = false;
  UniqueFd file_;
};

/// Says on which connection this thread works, for the entries that it writes meanwhile.
class OnConnection {
 public:
  explicit OnConnection(std::uint32_t number) : before_(std::exchange(current_, number)) {}
  ~OnConnection() { current_ = before_; }
  OnConnection(const OnConnection&) = delete;
  OnConnection& operator=(const OnConnection&) = delete;

  /// 0: on none.
  static std::uint32_t Current() { return current_; }

 private:
  static thread_local inline std::uint32_t current_ = 0;
  const std::uint32_t before_;
};

}  // namespace zlayer::fakes::daemon
