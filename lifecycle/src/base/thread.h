// A thread of the library, made alike for all of them.

#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <utility>

namespace zlayer::sidecar {

/// A thread that leaves the host's signals to the host's threads (signals_blocked.h) and has a
/// stack of kLeastStack at least. The host's default (ulimit -s, pthread_setattr_default_np(3)) may
/// be too small for our buffers and for OpenSSL, and a frame that is larger than the guard page
/// steps over it into foreign memory. A larger default holds, because callbacks of the host run
/// here, too.
///
/// Not synchronised, as std::thread.
class Thread {
 public:
  static constexpr size_t kLeastStack = size_t{512} * 1024;

  /// No thread.
  Thread() = default;
  /// Runs `run` on a new thread. `name`: 15 characters at most; shown by ps(1) and debuggers.
  /// Throws std::system_error if no thread can be made.
  Thread(const char* name, std::function<void()> run);
  Thread(Thread&& other) noexcept : id_(std::exchange(other.id_, std::nullopt)) {}
  Thread& operator=(Thread&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  /// Waits for the end of the thread, unless it was detached.
  ~Thread() { Join(); }

  /// Whether there is a thread that is neither joined nor detached.
  explicit operator bool() const { return id_.has_value(); }
  bool IsCurrent() const { return id_ && ::pthread_equal(*id_, ::pthread_self()) != 0; }

  /// Waits for the end of the thread. Does nothing if there is none.
  void Join();
  /// From here on the thread is nobody's.
  void Detach();

 private:
  std::optional<pthread_t> id_;
};

}  // namespace zlayer::sidecar
