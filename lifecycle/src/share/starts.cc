#include "lifecycle/src/share/starts.h"

#include <utility>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

LifecycleError Cancelled(std::string_view why) {
  return Fail(ErrorKind::cancelled, "{}", why).value();
}

LifecycleError GaveUp(const std::stop_token& stop) {
  return Cancelled(stop.stop_requested() ? "cancelled while the sidecar was starting"
                                         : "no sidecar was up by the caller's deadline");
}

}  // namespace

Result<std::shared_ptr<Sidecar>> Starts::Join(Deadline deadline, const std::stop_token& stop,
                                              Environment environment) {
  for (;;) {
    auto joined = TryJoin(deadline, &environment);
    if (!joined) return tl::unexpected(std::move(joined.error()));
    if (joined->current) return std::move(joined->current);
    if (joined->attempt) return Await(std::move(joined->attempt), deadline, stop);
    if (!AwaitCancelled(deadline, stop)) return tl::unexpected(GaveUp(stop));
  }
}

/// Counts the caller in if it gets a start to wait for.
Result<Starts::Joined> Starts::TryJoin(Deadline deadline, Environment* environment) {
  std::shared_ptr<Sidecar> before;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  // Its callers may be held up. Who comes now gets what it started only if that is still alive.
  if (attempt_ && attempt_->HasEnded()) before = Record();
  if (auto current = current_->Get()) return Joined{std::move(current), nullptr};
  if (deadline != kNever && Clock::now() >= deadline) {
    return tl::unexpected(Cancelled("the caller's deadline had passed before a start began"));
  }
  if (!attempt_) {
    if (closed_) return tl::unexpected(Cancelled("the lifecycle is being destroyed"));
    if (!cancelled_.empty()) return Joined{};
    if (auto refusal = current_->Refusal()) return tl::unexpected(std::move(*refusal));
    auto begun = begin_(std::move(*environment));
    if (!begun) {
      current_->Failed(begun.error());
      return tl::unexpected(std::move(begun.error()));
    }
    attempt_ = std::move(*begun);
    waiting_ = 0;
  }
  ++waiting_;
  return Joined{nullptr, attempt_};
}

Result<std::shared_ptr<Sidecar>> Starts::Await(std::shared_ptr<Attempt> attempt, Deadline deadline,
                                               const std::stop_token& stop) {
  if (attempt->Wait(stop, deadline)) return Publish(attempt);
  const Left left = Leave(attempt);
  if (left == Left::too_late) return Publish(attempt);
  attempt.reset();
  if (left == Left::cancelled) AwaitCancelled(deadline, {});
  return tl::unexpected(GaveUp(stop));
}

/// Records the result of attempt_: a sidecar becomes the current one, a failure counts for the
/// backoff. Returns the sidecar before, which the caller must let go without a lock held.
std::shared_ptr<Sidecar> Starts::Record() {
  const std::shared_ptr<Attempt> ended = std::move(attempt_);
  attempt_.reset();
  const auto& result = ended->result();
  if (!result) {
    current_->Failed(result.error());
    return nullptr;
  }
  started_->Add(*result);
  return current_->Set(*result);
}

/// Called by each caller that waited until the end of the attempt. The first of them records the
/// result, unless a caller that came later, or Cancel, has taken the attempt.
Result<std::shared_ptr<Sidecar>> Starts::Publish(const std::shared_ptr<Attempt>& attempt) {
  std::shared_ptr<Sidecar> before;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (attempt_ == attempt) before = Record();
  return attempt->result();
}

/// Counts a caller out that gives up. With the last one the attempt is cancelled, and no new caller
/// can join it.
Starts::Left Starts::Leave(const std::shared_ptr<Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt_ != attempt) return Left::to_others;  // whoever took it ends it
  if (waiting_ > 1) {
    --waiting_;
    return Left::to_others;
  }
  if (!attempt->Cancel()) return Left::too_late;
  cancelled_.push_back(std::move(attempt_));
  return Left::cancelled;
}

void Starts::Cancel() {
  const std::lock_guard lock(mutex_);
  if (!attempt_) return;
  attempt_->Cancel();
  cancelled_.push_back(std::move(attempt_));
}

/// A start that had succeeded before its cancel may have callers that take its sidecar yet; without
/// one, the sidecar is stopped like any other.
bool Starts::AwaitCancelled(Deadline deadline, const std::stop_token& stop) {
  std::vector<std::shared_ptr<Attempt>> ending;
  {
    const std::lock_guard lock(mutex_);
    ending = cancelled_;
  }
  bool all = true;
  for (const auto& attempt : ending) {
    if (!attempt->Wait(stop, deadline)) {
      all = false;
      continue;
    }
    const std::lock_guard lock(mutex_);
    if (std::erase(cancelled_, attempt) > 0 && attempt->result()) {
      started_->Add(*attempt->result());
    }
  }
  return all;
}

void Starts::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
}

}  // namespace zlayer::sidecar
