#include "scenarios/runner/process/alarm.h"

#include <utility>

namespace zlayer::scenarios {

Alarm::Alarm(std::chrono::milliseconds limit, std::function<void()> ring)
    : thread_([this, limit, ring = std::move(ring)](const std::stop_token& stop) {
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, stop, limit, [] { return false; });
        if (!stop.stop_requested()) ring();
      }) {}

}  // namespace zlayer::scenarios
