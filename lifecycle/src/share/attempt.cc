#include "lifecycle/src/share/attempt.h"

#include "lifecycle/src/base/signals_blocked.h"
#include "lifecycle/src/share/start.h"

namespace zlayer::sidecar {

Attempt::Attempt(const SidecarConfig& config, const LifecycleOptions& options,
                 std::shared_ptr<EventLoop> loop, std::function<void()> on_lost) {
  const SignalsBlocked blocked;
  thread_ = std::jthread([this, &config, &options, loop = std::move(loop),
                          on_lost = std::move(on_lost)](const std::stop_token& stop) {
    auto result = StartSidecar(config, options, loop, on_lost, stop);
    const std::lock_guard lock(mutex_);
    result_ = std::move(result);
    done_.notify_all();
  });
}

bool Attempt::Wait(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return done_.wait(lock, std::move(stop), [this] { return result_.has_value(); });
}

void End(std::shared_ptr<Attempt> attempt) {
  attempt->Cancel();
  attempt->Wait({});
  if (!attempt->result()) return;
  // The start succeeded before the cancel took effect. Callers that are still in Wait hold the
  // attempt, and so its sidecar. Without such callers attempt.reset() below stops the sidecar.
  const std::weak_ptr<Sidecar> sidecar = *attempt->result();
  const std::shared_ptr<SidecarProcess> process = (*attempt->result())->parts().process;
  attempt.reset();
  if (!process || !sidecar.expired()) return;
  process->Kill();  // a sidecar that has served nobody needs no grace
  process->WaitForEnd();
}

}  // namespace zlayer::sidecar
