// The starts of one lifecycle: the one that callers wait for, and those that were cancelled.
//
//   Starts starts(current, &started, /*begin=*/[...] { return std::make_shared<Attempt>(...); });
//   auto sidecar = starts.Join(deadline, stop, environment);  // Ensure, if there is no sidecar
//   starts.Cancel();                                          // Shutdown
//   const bool all_ended = starts.AwaitCancelled(deadline, {});

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/share/attempt.h"
#include "lifecycle/src/share/current_sidecar.h"
#include "lifecycle/src/share/started_sidecars.h"
#include "zlayer/sidecar/environment.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Callers join at most one start at a time, and none begins before those that were cancelled have
/// ended: so a lifecycle has at most one start, and its thread, however often callers give up, and
/// no two of its sidecars start on one storage.
///
/// Thread-safety: any thread. Lock order: mutex_, then the mutex of `current` or of `started`.
class Starts {
 public:
  /// Makes the attempt that callers share. Called with a lock held, so one call at a time.
  using Begin = std::function<Result<std::shared_ptr<Attempt>>(Environment environment)>;

  /// Successful starts become `current`, and are added to `started`.
  Starts(std::shared_ptr<CurrentSidecar> current, StartedSidecars* started, Begin begin)
      : current_(std::move(current)), started_(started), begin_(std::move(begin)) {}

  /// Returns the current sidecar, or the result of the start that is under way, or of a new one
  /// with `environment`. Error: those of `begin` and of a start; cancelled, if `deadline` has
  /// passed or `stop` was triggered first; crash_loop.
  Result<std::shared_ptr<Sidecar>> Join(Deadline deadline, const std::stop_token& stop,
                                        Environment environment);

  /// Cancels the start under way, if there is one. Does not wait for its end.
  void Cancel();

  /// Waits for the end of the starts that were cancelled. Returns false if one has not ended by
  /// `deadline`, or before `stop` was triggered.
  bool AwaitCancelled(Deadline deadline, const std::stop_token& stop);

  /// From now on Join begins no start.
  void Close();

 private:
  /// Who ends a start that a caller has left: nobody, for others wait; the caller, who was the last
  /// one; nobody, for it has just ended, and the caller must Publish it.
  enum class Left { to_others, cancelled, too_late };

  /// What a caller of Join gets at once: a sidecar, or a start to wait for. Both are null if a
  /// start that was cancelled has to end first.
  struct Joined {
    std::shared_ptr<Sidecar> current;
    std::shared_ptr<Attempt> attempt;
  };

  Result<Joined> TryJoin(Deadline deadline, Environment* environment);
  Result<std::shared_ptr<Sidecar>> Await(std::shared_ptr<Attempt> attempt, Deadline deadline,
                                         const std::stop_token& stop);
  std::shared_ptr<Sidecar> Record();
  Result<std::shared_ptr<Sidecar>> Publish(const std::shared_ptr<Attempt>& attempt);
  Left Leave(const std::shared_ptr<Attempt>& attempt);

  const std::shared_ptr<CurrentSidecar> current_;
  StartedSidecars* const started_;
  const Begin begin_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<Attempt> attempt_;  // the start that callers join; null if there is none
  int waiting_ = 0;                   // callers that wait for attempt_
  std::vector<std::shared_ptr<Attempt>> cancelled_;  // starts that new callers do not join
  bool closed_ = false;
};

}  // namespace zlayer::sidecar
