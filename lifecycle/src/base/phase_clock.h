// What each phase of a start takes, for LifecycleOptions::on_phase.

#pragma once

#include <utility>

#include "lifecycle/src/base/deadline.h"
#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

class PhaseClock {
 public:
  /// `options` must outlive it.
  explicit PhaseClock(const LifecycleOptions& options) : options_(options) {}

  /// The result of `step`, whose time is reported.
  template <typename Step>
  auto Time(Phase phase, Step step) const {
    const auto begin = Clock::now();
    auto result = step();
    if (options_.on_phase) options_.on_phase(phase, Clock::now() - begin);
    return result;
  }

 private:
  const LifecycleOptions& options_;
};

}  // namespace zlayer::sidecar
