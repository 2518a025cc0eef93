// SIGTERM and SIGINT as events.
//
//   signals.Block();                                   // before any thread
//   switch (signals.Wait(fd, POLLOUT, deadline)) ...   // fd is ready, time is up, or stop

#pragma once

#include <cstdint>
#include <functional>
#include <limits>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes {

inline constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();

enum class Woke { ready, timeout, stop };

/// Every wait of the fake's main thread goes through here, so that a signal ends it, is journaled
/// with its sender, and a fault can take it away. One thread only.
class Signals {
 public:
  explicit Signals(Journal& journal) : journal_(journal) {}

  /// Blocks both signals in this thread and the threads that it will start.
  Result<void> Block();

  /// From now on a stop signal for which `ignored` is true is forgotten.
  void IgnoreIf(std::function<bool()> ignored) { ignored_ = std::move(ignored); }

  /// Waits until `fd` (-1: none) has one of `events`, the deadline (monotonic ns) is over, or a
  /// stop signal came. Which one is in last_signal().
  Woke Wait(int fd, short events, std::int64_t deadline_ns);

  /// The same for a fake that has not begun to serve: a stop signal ends the process by that
  /// signal, as it would end a daemon that has not asked for it yet.
  Woke WaitOrDie(int fd, short events, std::int64_t deadline_ns);

  /// Journals the stop signals that are pending.
  void Collect();

  int last_signal() const { return last_signal_; }
  int fd() const { return fd_.get(); }

 private:
  /// True when a stop signal was read that is not ignored.
  bool ReadSignal();

  Journal& journal_;
  UniqueFd fd_;
  std::function<bool()> ignored_;
  int last_signal_ = 0;
};

/// A spawner's mask and dispositions reach the program; the fake must not depend on them.
void ResetInheritedSignals();

}  // namespace zlayer::fakes
