#include "zlayer/sidecar/sidecar_lifecycle.h"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <system_error>
#include <vector>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/share/attempt.h"
#include "lifecycle/src/share/current_sidecar.h"

namespace zlayer::sidecar {
namespace {

LifecycleError Cancelled() {
  return Fail(ErrorKind::cancelled, "cancelled while the sidecar was starting").value();
}

}  // namespace

/// Lock order: mutex_, then the mutex of current_.
class SidecarLifecycle::State {
 public:
  State(SidecarConfig config, LifecycleOptions options)
      : config_(std::move(config)),
        options_(std::move(options)),
        current_(std::make_shared<CurrentSidecar>(options_.restarts)) {}

  Result<std::shared_ptr<Sidecar>> Ensure(std::stop_token stop);
  void DropConnection() { current_->Drop(); }
  std::optional<StopReport> Shutdown();

 private:
  /// A sidecar that was started. `sidecar` expires when nobody holds it any more; `process` (null
  /// if the sidecar is remote) then tells when and how it ended.
  struct Started {
    std::weak_ptr<Sidecar> sidecar;
    std::shared_ptr<SidecarProcess> process;
  };

  Result<std::shared_ptr<Attempt>> Join();
  Result<void> PrepareLoop();
  std::function<void()> OnLost() const;
  bool Leave(const std::shared_ptr<Attempt>& attempt);
  Result<std::shared_ptr<Sidecar>> Publish(const std::shared_ptr<Attempt>& attempt);

  const SidecarConfig config_;
  const LifecycleOptions options_;
  const std::shared_ptr<CurrentSidecar> current_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<EventLoop> loop_;   // created by the first start
  std::shared_ptr<Attempt> attempt_;  // the start that callers join; null if none is under way
  int waiting_ = 0;                   // callers that wait for attempt_
  std::vector<Started> started_;      // oldest first; kept until Shutdown reports its end
};

Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Ensure(std::stop_token stop) {
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (stop.stop_requested()) return tl::unexpected(Cancelled());
  if (auto current = current_->Get()) return current;
  Result<std::shared_ptr<Attempt>> attempt;
  {
    const std::lock_guard lock(mutex_);
    if (auto current = current_->Get()) return current;  // published by another caller since
    attempt = Join();
  }
  if (!attempt) return tl::unexpected(std::move(attempt.error()));
  if ((*attempt)->Wait(std::move(stop))) return Publish(*attempt);
  if (Leave(*attempt)) End(std::move(*attempt));
  return tl::unexpected(Cancelled());
}

/// Returns the start that is under way, or begins one, and counts the caller in. mutex_ is held.
Result<std::shared_ptr<Attempt>> SidecarLifecycle::State::Join() {
  if (!attempt_) {
    if (auto refusal = current_->Refusal()) return tl::unexpected(std::move(*refusal));
    if (auto ready = PrepareLoop(); !ready) return tl::unexpected(std::move(ready.error()));
    try {
      attempt_ = std::make_shared<Attempt>(config_, options_, loop_, OnLost());
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

/// The callback of a loss, on the loop's thread. It drops the sidecar before it calls the user's
/// callback, so that Ensure does not return the lost sidecar once the user knows of the loss.
std::function<void()> SidecarLifecycle::State::OnLost() const {
  return [current = std::weak_ptr(current_), on_lost = options_.on_lost] {
    if (const auto alive = current.lock()) alive->DropLost();
    if (on_lost) on_lost();
  };
}

/// Counts a caller out whose wait was cancelled. Returns true if it was the last one: no new caller
/// can join the attempt then, and this caller must End it.
bool SidecarLifecycle::State::Leave(const std::shared_ptr<Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt_ != attempt || --waiting_ > 0) return false;
  attempt_.reset();
  return true;
}

/// Called by each caller that waited until the end of the attempt. The first of them records the
/// result: a sidecar becomes the current one, a failure counts for the backoff.
Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Publish(
    const std::shared_ptr<Attempt>& attempt) {
  const auto& result = attempt->result();
  const std::lock_guard lock(mutex_);
  // Another caller has recorded the result, or Shutdown has taken the attempt.
  if (attempt_ != attempt) return result;
  attempt_.reset();
  if (!result) {
    if (!config_.addr) current_->Failed(result.error());
    return result;
  }
  current_->Set(*result);
  std::erase_if(started_, [](const Started& one) {
    return one.sidecar.expired() && (!one.process || one.process->End());
  });
  started_.push_back({*result, (*result)->parts().process});
  return result;
}

std::optional<StopReport> SidecarLifecycle::State::Shutdown() {
  current_->Drop();
  std::shared_ptr<Attempt> attempt;
  std::vector<Started> released;
  {
    const std::lock_guard lock(mutex_);
    attempt = std::move(attempt_);
    // Sidecars that are still held stay in started_, for a later Shutdown.
    const auto held =
        std::stable_partition(started_.begin(), started_.end(),
                              [](const Started& one) { return !one.sidecar.expired(); });
    std::move(held, started_.end(), std::back_inserter(released));
    started_.erase(held, started_.end());
  }
  if (attempt) End(std::move(attempt));
  std::optional<StopReport> last;
  for (const Started& one : released) {
    last = one.process ? one.process->WaitForEnd() : StopReport{};
  }
  return last;
}

SidecarLifecycle::SidecarLifecycle(SidecarConfig config, LifecycleOptions options)
    : state_(std::make_unique<State>(std::move(config), std::move(options))) {}

SidecarLifecycle::~SidecarLifecycle() {
  if (InForkedChild()) {
    AbandonInForkedChild(std::shared_ptr<State>(std::move(state_)));
  } else {
    state_->Shutdown();
  }
}

Result<LiveSidecar> SidecarLifecycle::Ensure(std::stop_token stop) {
  return state_->Ensure(std::move(stop)).map([](std::shared_ptr<Sidecar> sidecar) {
    return LiveSidecar(std::move(sidecar));
  });
}

void SidecarLifecycle::DropConnection() {
  if (!InForkedChild()) state_->DropConnection();
}

std::optional<StopReport> SidecarLifecycle::Shutdown() {
  if (InForkedChild()) return std::nullopt;
  return state_->Shutdown();
}

}  // namespace zlayer::sidecar
