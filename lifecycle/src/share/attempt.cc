#include "lifecycle/src/share/attempt.h"

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// Ends a sidecar that no caller has got: it has served nobody, so it is killed. Blocks until it is
/// reaped.
void Discard(std::shared_ptr<Sidecar> sidecar) {
  const std::shared_ptr<SidecarProcess> process = sidecar->parts().process;
  sidecar.reset();  // first, so that its end is no loss
  if (!process) return;
  process->Kill();
  process->WaitForEnd();
}

}  // namespace

Attempt::Attempt(const SidecarConfig& config, const LifecycleOptions& options,
                 Environment environment, std::shared_ptr<EventLoop> loop, StartHooks hooks)
    : thread_("zlayer-start", [this, &config, &options, environment = std::move(environment),
                               loop = std::move(loop), hooks = std::move(hooks)] {
        Finish(StartSidecar(config, options, environment, loop, hooks, stop_.get_token()));
      }) {}

void Attempt::Finish(Result<std::shared_ptr<Sidecar>> result) {
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_ || !result) {
      result_ = std::move(result);
      done_.notify_all();
      return;
    }
  }
  Discard(std::move(*result));
  const std::lock_guard lock(mutex_);
  result_ = Fail(ErrorKind::cancelled, "cancelled when the sidecar had just answered");
  done_.notify_all();
}

bool Attempt::Wait(std::stop_token stop, Deadline deadline) {
  std::unique_lock lock(mutex_);
  return done_.wait_until(lock, std::move(stop), deadline, [this] { return result_.has_value(); });
}

bool Attempt::Cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (result_) return false;
    cancelled_ = true;
  }
  stop_.request_stop();
  return true;
}

}  // namespace zlayer::sidecar
