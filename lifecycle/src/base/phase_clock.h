// Measures the phases of a start and reports them to LifecycleOptions::on_phase.

#pragma once

#include <utility>

#include "lifecycle/src/base/deadline.h"
#include "zlayer/sidecar/config.h"

namespace zlayer::sidecar {

class PhaseClock {
 public:
  /// `options` must outlive it.
  explicit PhaseClock(const LifecycleOptions& options) : options_(options) {}

  /// Runs `step`, reports its duration as that of `phase`, and returns its result. A step that
  /// fails is reported like one that succeeds.
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
