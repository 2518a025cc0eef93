// The lock of a TLS directory, <tls_dir>/.lock: only its holder changes the set.

#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// How long a start waits for the lock. A process that is stopped, or hangs in its file system,
/// keeps the lock for as long as it likes.
struct LockLimit {
  std::chrono::milliseconds limit;  // as the host has set it, for the message
  Deadline deadline;                // when the wait ends
  std::stop_token stop;             // ends the wait early
};

/// Holds the lock until it is destroyed. The kernel releases the lock of a process that is killed.
class DirectoryLock {
 public:
  explicit DirectoryLock(UniqueFd file) : file_(std::move(file)) {}
  DirectoryLock(DirectoryLock&&) noexcept = default;
  DirectoryLock& operator=(DirectoryLock&&) = delete;
  ~DirectoryLock();

 private:
  UniqueFd file_;
};

/// Takes the flock(2) of <directory>/.lock, which it makes with mode 0600 if there is none.
/// Blocks until the lock is free, but not longer than `limit` says. Errors: tls_material,
/// with the file and the reason; if the wait took too long, the reason has the limit and, where
/// /proc/locks shows it, the process that holds the lock. cancelled, if `limit.stop` was triggered.
Result<DirectoryLock> LockTlsDirectory(const std::string& directory, const LockLimit& limit);

}  // namespace zlayer::sidecar
