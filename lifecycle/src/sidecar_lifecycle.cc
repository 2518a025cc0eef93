#include "zlayer/sidecar/sidecar_lifecycle.h"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

#include "make_error.h"
#include "sidecar.h"
#include "signals_blocked.h"
#include "start.h"

namespace zlayer::sidecar {
namespace {

/// One start on a thread of its own, which any number of callers wait for and each may leave.
class Attempt {
 public:
  Attempt(const SidecarConfig& config, const LifecycleOptions& options,
          std::shared_ptr<EventLoop> loop) {
    const SignalsBlocked blocked;
    thread_ = std::jthread([this, &config, &options, loop](const std::stop_token& stop) {
      auto result = StartSidecar(config, options, loop, stop);
      const std::lock_guard lock(mutex_);
      result_ = std::move(result);
      done_.notify_all();
    });
  }

  /// False when `stop` was triggered first.
  bool Wait(std::stop_token stop) {
    std::unique_lock lock(mutex_);
    return done_.wait(lock, std::move(stop), [this] { return result_.has_value(); });
  }

  void Cancel() { thread_.request_stop(); }

  /// After Wait.
  const Result<std::shared_ptr<Sidecar>>& result() const { return *result_; }

 private:
  std::mutex mutex_;
  std::condition_variable_any done_;
  std::optional<Result<std::shared_ptr<Sidecar>>> result_;
  std::jthread thread_;  // last: it uses the others
};

/// Cancels an attempt that is no longer offered to callers, and waits until nothing is left of it.
void End(std::shared_ptr<Attempt> attempt) {
  attempt->Cancel();
  attempt->Wait({});
  if (!attempt->result()) return;
  // The start was quicker than the cancel. Callers that still wait hold its sidecar; without them
  // it ends here.
  const std::weak_ptr<Sidecar> sidecar = *attempt->result();
  const std::shared_ptr<SidecarProcess> process = (*attempt->result())->parts().process;
  attempt.reset();
  if (process && sidecar.expired()) process->WaitForEnd();
}

LifecycleError Cancelled() {
  return Fail(ErrorKind::cancelled, "cancelled while the sidecar was starting").value();
}

}  // namespace

class SidecarLifecycle::State {
 public:
  State(SidecarConfig config, LifecycleOptions options)
      : config_(std::move(config)), options_(std::move(options)) {}

  Result<std::shared_ptr<Sidecar>> Ensure(std::stop_token stop);
  void DropConnection();
  std::optional<StopReport> Shutdown();

 private:
  /// A sidecar that was started: who holds it, and what is left when nobody does.
  struct Started {
    std::weak_ptr<Sidecar> sidecar;
    std::shared_ptr<SidecarProcess> process;
  };

  Result<std::shared_ptr<Attempt>> Join();
  bool Leave(const std::shared_ptr<Attempt>& attempt);
  Result<std::shared_ptr<Sidecar>> Publish(const std::shared_ptr<Attempt>& attempt);

  const SidecarConfig config_;
  const LifecycleOptions options_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::shared_ptr<EventLoop> loop_;  // made by the first start
  std::shared_ptr<Sidecar> current_;
  std::shared_ptr<Attempt> attempt_;
  int waiting_ = 0;               // callers in attempt_
  std::vector<Started> started_;  // the newest last; it stays, for its end is reported
};

Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Ensure(std::stop_token stop) {
  if (stop.stop_requested()) return tl::unexpected(Cancelled());
  std::shared_ptr<Sidecar> dead;  // destroyed without the lock
  Result<std::shared_ptr<Attempt>> attempt;
  {
    const std::lock_guard lock(mutex_);
    if (current_ && current_->parts().liveness->alive()) return current_;
    dead = std::move(current_);
    attempt = Join();
  }
  dead.reset();
  if (!attempt) return tl::unexpected(std::move(attempt.error()));
  if ((*attempt)->Wait(std::move(stop))) return Publish(*attempt);
  if (Leave(*attempt)) End(std::move(*attempt));
  return tl::unexpected(Cancelled());
}

/// With mutex_ held.
Result<std::shared_ptr<Attempt>> SidecarLifecycle::State::Join() {
  try {
    if (!attempt_) {
      if (!loop_) loop_ = EventLoop::Shared();
      attempt_ = std::make_shared<Attempt>(config_, options_, loop_);
      waiting_ = 0;
    }
  } catch (const std::system_error& error) {
    return Fail(ErrorKind::spawn_failed, "cannot create a thread: {}", error.what());
  }
  ++waiting_;
  return attempt_;
}

/// True when nobody waits for the attempt any more; it is then nobody's but the caller's.
bool SidecarLifecycle::State::Leave(const std::shared_ptr<Attempt>& attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt_ != attempt || --waiting_ > 0) return false;
  attempt_.reset();
  return true;
}

/// The first to come back makes the result everybody's.
Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Publish(
    const std::shared_ptr<Attempt>& attempt) {
  const auto& result = attempt->result();
  const std::lock_guard lock(mutex_);
  if (attempt_ != attempt) return result;
  attempt_.reset();
  if (!result) return result;
  current_ = *result;
  std::erase_if(started_, [](const Started& one) {
    return one.sidecar.expired() && (!one.process || one.process->End());
  });
  started_.push_back({current_, current_->parts().process});
  return result;
}

void SidecarLifecycle::State::DropConnection() {
  std::shared_ptr<Sidecar> dropped;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  dropped = std::move(current_);
}

std::optional<StopReport> SidecarLifecycle::State::Shutdown() {
  DropConnection();
  std::shared_ptr<Attempt> attempt;
  std::vector<Started> released;
  {
    const std::lock_guard lock(mutex_);
    attempt = std::move(attempt_);
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

SidecarLifecycle::~SidecarLifecycle() { state_->Shutdown(); }

Result<LiveSidecar> SidecarLifecycle::Ensure(std::stop_token stop) {
  return state_->Ensure(std::move(stop)).map([](std::shared_ptr<Sidecar> sidecar) {
    return LiveSidecar(std::move(sidecar));
  });
}

void SidecarLifecycle::DropConnection() { state_->DropConnection(); }

std::optional<StopReport> SidecarLifecycle::Shutdown() { return state_->Shutdown(); }

}  // namespace zlayer::sidecar
