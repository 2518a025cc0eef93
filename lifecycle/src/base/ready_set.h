// The descriptors for which the event loop waits, and what to call when one is ready.
//
// epoll(7) as long as it works. Every call of it may fail, and the loop must neither spin nor go
// deaf nor forget a descriptor:
// - A descriptor that epoll does not take (ENOMEM, ENOSPC) is tried again on every tick, and its
//   callback runs on every tick meanwhile, as if it were ready.
// - While epoll_wait(2) fails, all callbacks run on every tick. If the host has closed our
//   descriptors (close_range(2), as daemons do), that is so for ever, and the callbacks find their
//   own descriptors closed.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "lifecycle/src/base/unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Thread-safety: Wake and Intact may be called from any thread, the rest from the loop's only.
class ReadySet {
 public:
  /// May be called without need: a callback's I/O must not block.
  using Ready = std::function<void(std::uint32_t epoll_events)>;

  /// ErrorKind::spawn_failed if epoll or the eventfd cannot be had.
  static Result<std::unique_ptr<ReadySet>> Open();
  ~ReadySet();
  ReadySet(const ReadySet&) = delete;
  ReadySet& operator=(const ReadySet&) = delete;

  void Add(int fd, std::uint32_t events, Ready ready);
  void Change(int fd, std::uint32_t events);
  void Remove(int fd);

  /// Waits for at most `timeout_ms` (-1: no limit of the caller's), and calls back. May return
  /// earlier, and after a second does, to look whether its own descriptors are still there.
  void Wait(int timeout_ms);

  /// Ends a Wait, or the next one.
  void Wake();

  /// False once the host has closed our descriptors. Final.
  bool Intact() const;

 private:
  struct Watched {
    std::uint32_t events;
    std::shared_ptr<Ready> ready;  // shared: a callback may remove its own watch
    bool registered;               // epoll has it
  };

  ReadySet(UniqueFd epoll, UniqueFd wake) : epoll_(std::move(epoll)), wake_(std::move(wake)) {}
  bool Register(int fd, std::uint32_t events) const;
  void WaitForTick(int timeout_ms);
  void CallWatched(bool all);
  void Call(int fd, std::uint32_t epoll_events);

  UniqueFd epoll_;
  UniqueFd wake_;  // an eventfd
  std::unordered_map<int, Watched> watched_;
  size_t unregistered_ = 0;  // of watched_
  mutable std::atomic<bool> lost_{false};
  // Where there is no eventfd any more:
  std::mutex mutex_;
  std::condition_variable woken_changed_;
  bool woken_ = false;  // guarded by mutex_
};

}  // namespace zlayer::sidecar
