// SIGTERM and SIGINT as events that the main thread waits for (signalfd).
//
//   signals.Block();                                   // before any thread
//   switch (signals.Wait(fd, POLLOUT, deadline)) ...   // fd is ready, time is up, or stop

#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <mutex>
#include <vector>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

inline constexpr std::int64_t kNoDeadline = std::numeric_limits<std::int64_t>::max();

enum class Woke { ready, timeout, stop };

/// Until the drain, the main thread does every wait through this class. So a stop signal ends any
/// wait, is journaled with its sender, and can be ignored by a fault. Not thread-safe, but for
/// Post(): only the main thread uses it.
class Signals {
 public:
  explicit Signals(Journal& journal);

  /// Blocks both signals in this thread and in all threads that it will start. Call before any
  /// thread starts; otherwise the signal would kill the process in that thread.
  Result<void> Block();

  /// From now on `ignored` is called for each stop signal; when it returns true, the signal has no
  /// effect but its journal entry.
  void IgnoreIf(std::function<bool()> ignored) { ignored_ = std::move(ignored); }

  /// From now on `seen` is called with the number of each stop signal, ignored or not.
  void Report(std::function<void(int)> seen) { seen_ = std::move(seen); }

  /// Waits until `fd` (-1: none) has one of `events`, the deadline (monotonic ns) is over, or a
  /// stop signal has come. last_signal() then says which signal.
  Woke Wait(int fd, short events, std::int64_t deadline_ns);

  /// As Wait(), for a fake that does not serve yet: a stop signal kills the process by that signal.
  /// The deployed daemon dies the same way until it has installed its handlers.
  Woke WaitOrDie(int fd, short events, std::int64_t deadline_ns);

  /// Ends the part of the start in which a stop signal kills: dies by one that has come already.
  /// Journals `handles_signals`. Does nothing when called again.
  void HandleFromNowOn();
  /// Has the main thread call `what` in its next or present wait, which then goes on. May be called
  /// from any thread.
  void Post(std::function<void()> what);

  /// Journals the stop signals that are pending, without acting on them.
  void Collect();

  int last_signal() const { return last_signal_; }
  int fd() const { return fd_.get(); }

 private:
  /// Reads and journals one signal. True when there was one and it is not ignored.
  bool ReadSignal();
  void CallPosted();

  Journal& journal_;
  const UniqueFd has_posted_;  // eventfd
  std::mutex posting_;
  std::vector<std::function<void()>> posted_;  // guarded by posting_
  UniqueFd fd_;
  bool handles_ = false;
  std::function<bool()> ignored_;
  std::function<void(int)> seen_;
  int last_signal_ = 0;
};

/// Resets every signal to its default disposition, ignores SIGPIPE, and clears the signal mask.
/// execve(2) keeps the spawner's mask and its ignored signals, and the fake must not depend on
/// them.
void ResetInheritedSignals();

}  // namespace zlayer::fakes::daemon
