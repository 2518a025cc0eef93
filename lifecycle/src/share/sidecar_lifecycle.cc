#include "zlayer/sidecar/sidecar_lifecycle.h"

#include <mutex>
#include <system_error>
#include <utility>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/share/attempt.h"
#include "lifecycle/src/share/callbacks.h"
#include "lifecycle/src/share/current_sidecar.h"
#include "lifecycle/src/share/started_sidecars.h"
#include "lifecycle/src/share/starts.h"

namespace zlayer::sidecar {
namespace {

LifecycleError Cancelled(std::string_view why) {
  return Fail(ErrorKind::cancelled, "{}", why).value();
}

}  // namespace

class SidecarLifecycle::State {
 public:
  State(SidecarConfig config, LifecycleOptions options)
      : config_(std::move(config)),
        callbacks_(Callbacks::TakeFrom(&options)),
        options_(std::move(options)),
        current_(std::make_shared<CurrentSidecar>(options_.restarts, options_.on_event,
                                                  /*remote=*/config_.addr.has_value())) {}

  Result<std::shared_ptr<Sidecar>> Ensure(Deadline deadline, std::stop_token stop);
  void DropConnection() { current_->Drop(); }
  Result<std::optional<StopReport>> Shutdown(Deadline deadline);
  void Close();

 private:
  Result<std::shared_ptr<Attempt>> Begin(Environment environment);
  Result<void> PrepareLoop();
  StartHooks Hooks() const;

  const SidecarConfig config_;
  const std::shared_ptr<Callbacks> callbacks_;
  const LifecycleOptions options_;  // its callbacks only queue: see Callbacks
  const std::shared_ptr<CurrentSidecar> current_;
  StartedSidecars started_;
  std::shared_ptr<EventLoop> loop_;  // created by the first Begin
  // Last: its starts use what stands above.
  Starts starts_{current_, &started_,
                 [this](Environment environment) { return Begin(std::move(environment)); }};
};

Result<std::shared_ptr<Sidecar>> SidecarLifecycle::State::Ensure(Deadline deadline,
                                                                 std::stop_token stop) {
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (stop.stop_requested()) {
    return tl::unexpected(Cancelled("cancelled while the sidecar was starting"));
  }
  if (auto current = current_->Get()) return current;
  // Read here and not by the start, which may still run when a call with a deadline has returned:
  // the host may change its environment then.
  return starts_.Join(deadline, stop,
                      options_.environment ? *options_.environment : Environment::OfThisProcess());
}

/// Begins a start. One call at a time: see Starts::Begin.
Result<std::shared_ptr<Attempt>> SidecarLifecycle::State::Begin(Environment environment) {
  if (auto ready = PrepareLoop(); !ready) return tl::unexpected(std::move(ready.error()));
  if (auto started = callbacks_->Start(); !started) {
    return tl::unexpected(std::move(started.error()));
  }
  try {
    return std::make_shared<Attempt>(config_, options_, std::move(environment), loop_, Hooks());
  } catch (const std::system_error& error) {
    return Fail(ErrorKind::spawn_failed, "cannot create a thread: {}", error.what());
  }
}

/// Makes sure of a loop that works.
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
    hooks.stderr_flow = {
        .full =
            [callbacks = callbacks_](std::function<void()> resume) {
              return callbacks->StderrFull(std::move(resume));
            },
        .overflows = [callbacks = callbacks_] { return callbacks->StderrOverflows(); }};
  }
  return hooks;
}

Result<std::optional<StopReport>> SidecarLifecycle::State::Shutdown(Deadline deadline) {
  starts_.Cancel();
  current_->Drop();  // after the cancel, so that no caller sets a sidecar any more
  const bool all_ended = starts_.AwaitCancelled(deadline, {});
  if (!all_ended) {
    return tl::unexpected(Cancelled("a start that was cancelled had not ended by the deadline"));
  }
  return started_.WaitForEnd(deadline);
}

/// What the destructor does. Callbacks may still call Ensure until callbacks_ is closed.
void SidecarLifecycle::State::Close() {
  starts_.Close();
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
