#include "zlayer/sidecar/sidecar_lifecycle.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/share/attempt.h"
#include "lifecycle/src/share/callbacks.h"
#include "lifecycle/src/share/current_sidecar.h"
#include "lifecycle/src/share/started_sidecars.h"

namespace zlayer::sidecar {
namespace {

LifecycleError Cancelled(std::string_view why) {
  return Fail(ErrorKind::cancelled, "{}", why).value();
}

}  // namespace

/// Lock order: mutex_, then the mutex of current_ or of started_.
class SidecarLifecycle::State {
 public:
  State(SidecarConfig config, LifecycleOptions options)
      : config_(std::move(config)),
        callbacks_(Callbacks::TakeFrom(&options)),
        options_(std::move(options)),
        current_(std::make_shared<CurrentSidecar>(options_.restarts, options_.on_event)) {}

  Result<std::shared_ptr<Sidecar>> Ensure(Deadline deadline, std::stop_token stop);
  void DropConnection() { current_->Drop(); }
  Result<std::optional<StopReport>> Shutdown(Deadline deadline);
  void Close();

 private:
  /// Who ends a start that a caller has left: nobody, for others wait; the caller, who was the last
  /// one; nobody, for it has just ended, and the caller must Publish it.
  enum class Left { to_others, cancelled, too_late };

  Result<std::shared_ptr<Attempt>> Join();
  Result<void> PrepareLoop();
  StartHooks Hooks() const;
  Result<std::shared_ptr<Sidecar>> Publish(const std::shared_ptr<Attempt>& attempt);
  Left Leave(const std::shared_ptr<Attempt>& attempt);
  void EndLeft(Deadline deadline);

  const SidecarConfig config_;
  const std::shared_ptr<Callbacks> callbacks_;
  const LifecycleOptions options_;  // its callbacks only queue: see Callbacks
  const std::shared_ptr<CurrentSidecar> current_;
  StartedSidecars started_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<EventLoop> loop_;   // created by the first start
  std::shared_ptr<Attempt> attempt_;  // the start that callers join; null if there is none
  int waiting_ = 0;                   // callers that wait for attempt_
  std::vector<std::shared_ptr<Attempt>> left_;  // cancelled starts that new callers do not join
  bool closed_ = false;                         // the destructor has begun
};

Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Ensure(Deadline deadline,
                                                                 std::stop_token stop) {
  constexpr std::string_view kWhileStarting = "cancelled while the sidecar was starting";
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (stop.stop_requested()) return tl::unexpected(Cancelled(kWhileStarting));
  if (auto current = current_->Get()) return current;
  Result<std::shared_ptr<Attempt>> attempt;
  {
    const std::lock_guard lock(mutex_);
    if (auto current = current_->Get()) return current;  // published by another caller since
    if (deadline != kNever && Clock::now() >= deadline) {
      return tl::unexpected(Cancelled("the caller's deadline had passed before a start began"));
    }
    attempt = Join();
  }
  if (!attempt) return tl::unexpected(std::move(attempt.error()));
  if ((*attempt)->Wait(stop, deadline)) return Publish(*attempt);
  const Left left = Leave(*attempt);
  if (left == Left::too_late) return Publish(*attempt);
  attempt->reset();
  if (left == Left::cancelled) EndLeft(deadline);
  return tl::unexpected(Cancelled(
      stop.stop_requested() ? kWhileStarting : "no sidecar was up by the caller's deadline"));
}

/// Returns the start that is under way, or begins one, and counts the caller in. mutex_ is held.
Result<std::shared_ptr<Attempt>> SidecarLifecycle::State::Join() {
  if (!attempt_) {
    if (closed_) return tl::unexpected(Cancelled("the lifecycle is being destroyed"));
    if (auto refusal = current_->Refusal()) return tl::unexpected(std::move(*refusal));
    if (auto ready = PrepareLoop(); !ready) return tl::unexpected(std::move(ready.error()));
    if (auto started = callbacks_->Start(); !started) {
      return tl::unexpected(std::move(started.error()));
    }
    try {
      attempt_ = std::make_shared<Attempt>(config_, options_, loop_, Hooks());
    } catch (const std::system_error& error) {
      return Fail(ErrorKind::spawn_failed, "cannot create a thread: {}", error.what());
    }
    waiting_ = 0;
  }
  ++waiting_;
  return attempt_;
}

/// Makes sure of a loop that works. mutex_ is held.
Result<void> SidecarLifecycle::State::PrepareLoop() {
  if (!loop_) {
    auto loop = EventLoop::Shared();
    if (!loop) return tl::unexpected(std::move(loop.error()));
    loop_ = std::move(*loop);
  }
  if (loop_->Intact()) return {};
  return Fail(ErrorKind::spawn_failed,
              "this process has closed the descriptors of the sidecar library, and those of gRPC; "
              "close descriptors before the first Ensure");
}

/// A loss is noticed on the loop's thread. The sidecar is dropped before the user's callback is
/// queued, so that Ensure does not return the lost sidecar once the user knows of the loss.
StartHooks SidecarLifecycle::State::Hooks() const {
  StartHooks hooks;
  hooks.on_lost = [current = std::weak_ptr(current_),
                   callbacks = callbacks_](std::shared_ptr<const Loss> loss) {
    if (const auto alive = current.lock()) alive->DropLost();
    callbacks->Lost(std::move(loss));
  };
  if (options_.on_stderr_line) {
    hooks.stderr_full = [callbacks = callbacks_](std::function<void()> resume) {
      return callbacks->StderrFull(std::move(resume));
    };
  }
  return hooks;
}

/// Called by each caller that waited until the end of the attempt. The first of them records the
/// result: a sidecar becomes the current one, a failure counts for the backoff.
Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Publish(
    const std::shared_ptr<Attempt>& attempt) {
  const auto& result = attempt->result();
  std::shared_ptr<Sidecar> before;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  // Another caller has recorded the result, or Shutdown has taken the attempt and records it.
  if (attempt_ != attempt) return result;
  attempt_.reset();
  if (!result) {
    if (!config_.addr) current_->Failed(result.error());
    return result;
  }
  started_.Add(*result);
  before = current_->Set(*result);
  return result;
}

/// Counts a caller out that gives up. With the last one the attempt is cancelled, and no new caller
/// can join it.
SidecarLifecycle::State::Left SidecarLifecycle::State::Leave(
    const std::shared_ptr<Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt_ != attempt) return Left::to_others;  // Shutdown ends it
  if (waiting_ > 1) {
    --waiting_;
    return Left::to_others;
  }
  if (!attempt->Cancel()) return Left::too_late;
  left_.push_back(std::move(attempt_));
  return Left::cancelled;
}

/// Waits for the end of the starts that were cancelled, until `deadline`. A start that had
/// succeeded before its cancel may have callers that take its sidecar yet; without one, the sidecar
/// is stopped like any other.
void SidecarLifecycle::State::EndLeft(Deadline deadline) {
  std::vector<std::shared_ptr<Attempt>> ending;
  {
    const std::lock_guard lock(mutex_);
    ending = left_;
  }
  for (const auto& attempt : ending) {
    if (!attempt->Wait({}, deadline)) continue;
    const std::lock_guard lock(mutex_);
    if (std::erase(left_, attempt) > 0 && attempt->result()) started_.Add(*attempt->result());
  }
}

Result<std::optional<StopReport>> SidecarLifecycle::State::Shutdown(Deadline deadline) {
  {
    const std::lock_guard lock(mutex_);
    if (attempt_) {
      attempt_->Cancel();
      left_.push_back(std::move(attempt_));
    }
  }
  current_->Drop();  // after the attempt was taken, so that no caller sets a sidecar any more
  EndLeft(deadline);
  auto report = started_.WaitForEnd(deadline);
  const std::lock_guard lock(mutex_);
  if (report && !left_.empty()) {
    return tl::unexpected(Cancelled("a start that was cancelled had not ended by the deadline"));
  }
  return report;
}

/// What the destructor does. Callbacks may still call Ensure until callbacks_ is closed.
void SidecarLifecycle::State::Close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  Shutdown(kNever);
  callbacks_->Close();
  Shutdown(kNever);  // a callback may have held the last handle until it returned
}

SidecarLifecycle::SidecarLifecycle(SidecarConfig config, LifecycleOptions options)
    : state_(std::make_unique<State>(std::move(config), std::move(options))) {}

SidecarLifecycle::~SidecarLifecycle() {
  if (InForkedChild()) {
    AbandonInForkedChild(std::shared_ptr<State>(std::move(state_)));
  } else {
    state_->Close();
  }
}

Result<LiveSidecar> SidecarLifecycle::Ensure(std::stop_token stop) {
  return EnsureUntil(kNever, std::move(stop));
}

Result<LiveSidecar> SidecarLifecycle::EnsureUntil(std::chrono::steady_clock::time_point deadline,
                                                  std::stop_token stop) {
  return state_->Ensure(deadline, std::move(stop)).map([](std::shared_ptr<Sidecar> sidecar) {
    return LiveSidecar(std::move(sidecar));
  });
}

void SidecarLifecycle::DropConnection() {
  if (!InForkedChild()) state_->DropConnection();
}

std::optional<StopReport> SidecarLifecycle::Shutdown() {
  if (InForkedChild()) return std::nullopt;
  return state_->Shutdown(kNever).value_or(std::nullopt);
}

Result<std::optional<StopReport>> SidecarLifecycle::ShutdownUntil(
    std::chrono::steady_clock::time_point deadline) {
  if (InForkedChild()) return std::nullopt;
  return state_->Shutdown(deadline);
}

}  // namespace zlayer::sidecar
