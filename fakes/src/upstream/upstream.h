// The program behind the fake, as the fake sees it.
//
// This room, upstream/, puts the fake in front of a real daemon. Upstream is the program: its
// stdout, its signals, its end. guardian.h is the process between the two, which lets nothing of
// the program outlive the fake; start_guardian.h starts both. program_arguments.h says what the
// program gets, first_line.h reads where it listens, link.h carries connections to it.
// daemon/in_front.h plays a launch with these. Invariants: the program gets every signal that the
// fake gets, unless a fault keeps it; the fake ends only when nothing of the program is left. Start
// reading at Upstream.
//
//   auto upstream = Upstream::Start(path, UpstreamStdout::piped, argv, signals, journal);
//   switch ((*upstream)->Wait(listener, POLLIN)) ...   // readable, a stop signal, or its end

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/process/signals.h"

namespace zlayer::fakes::daemon {

enum class UpstreamStdout {
  piped,
  own,  ///< the fake's own
};

/// Only the main thread uses it.
class Upstream {
 public:
  /// What ended a wait.
  enum class Event {
    ready,    ///< the descriptor has one of the events
    signal,   ///< a stop signal has come, and was passed on
    ended,    ///< the program has ended, and the descriptor has none of the events
    timeout,  ///< the deadline is over
  };

  /// Starts the program with the arguments of `argv`, but a port of its own, and journals it.
  /// Blocks signals, so call it before other threads start. The references must live as long as the
  /// process. Bad input when the program cannot be executed.
  static Result<std::unique_ptr<Upstream>> Start(const std::string& path, UpstreamStdout out,
                                                 const char* const* argv, Signals& signals,
                                                 Journal& journal);

  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  /// Waits until `fd` (-1: none) has one of `events`, a stop signal comes, the program has ended,
  /// or the deadline (monotonic ns) is over. Passes all signals on meanwhile.
  Event Wait(int fd, short events, std::int64_t deadline_ns = kNoDeadline);

  /// What the program prints; non-blocking. -1 when its stdout is the fake's own.
  int out() const { return out_.get(); }

  /// Ends this process as the program has ended: with its status, or by its signal. Call it when
  /// Wait() has returned `ended`.
  [[noreturn]] void EndAlike();

 private:
  Upstream(Signals& signals, Journal& journal) : signals_(signals), journal_(journal) {}

  Result<void> WatchGuardianAndSignals();
  void Order(int order);
  void PassSignalsOn();
  bool HasEnded();
  Event WaitForAny(int fd, short events, std::int64_t deadline_ns);

  Signals& signals_;
  Journal& journal_;
  UniqueFd channel_;  // to the guardian
  UniqueFd passed_;   // signalfd: the signals that concern no fault
  UniqueFd out_;
  UniqueFd wakeups_;           // epoll: channel_, passed_, and what Wait() waits for
  std::optional<int> status_;  // of wait(2)
};

}  // namespace zlayer::fakes::daemon
