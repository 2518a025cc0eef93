#include "scenarios/runner/overrun_guard.h"

#include <utility>

#include "scenarios/runner/token_processes.h"

namespace zlayer::scenarios {

OverrunGuard::OverrunGuard(std::string token, std::chrono::milliseconds limit)
    : thread_([this, token = std::move(token), limit](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, stop, limit, [] { return false; });
        if (stop.stop_requested()) return;
        fired_ = true;
        KillAll(FindByToken(token));
      }) {}

}  // namespace zlayer::scenarios
