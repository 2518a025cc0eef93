// What the fake saw and did, as journal.proto has it.
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

namespace zlayer::fakes {

/// Thread-safety: Write may be called from any thread. Each entry is one write(2) to a file opened
/// with O_APPEND, made before Write returns; the first that fails is told on stderr. Without a file
/// nothing is done, not even the entry.
class Journal {
 public:
  Journal() = default;

  /// Appends to `path`, which is made when it is missing.
  Result<void> Open(const std::string& path);

  template <typename Fill>
  void Write(Fill&& fill) {
    if (!file_) return;
    WriteEntry(&CallFill<Fill>, &fill);
  }

  /// For the lifetime's signal handler; -1 without a file.
  int fd() const { return file_.get(); }

 private:
  template <typename Fill>
  static void CallFill(void* fill, v1::JournalEntry& entry) {
    (*static_cast<std::remove_reference_t<Fill>*>(fill))(entry);
  }

  void WriteEntry(void (*fill)(void*, v1::JournalEntry&), void* context);

  std::mutex order_;  // keeps the lines in the order of their times
  bool has_loss_ = false;
  UniqueFd file_;
};

}  // namespace zlayer::fakes
