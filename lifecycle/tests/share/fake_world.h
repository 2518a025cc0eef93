// The fixture of tests that start the fake daemon through the library: a temporary data directory,
// a fault plan, and options that point a SidecarLifecycle at them.

#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "lifecycle/tests/base/temporary_directory.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::sidecar {

/// Tests change config_ and options_ and then make a SidecarLifecycle of them. on_lost counts
/// losses in lost_.
class FakeWorld : public testing::Test {
 protected:
  FakeWorld() {
    Environment environment = Environment::OfThisProcess();
    environment.Set("ZLAYER_BUILDD_BIN", FAKE_BUILDD_PATH);
    environment.Set("ZLAYER_DATA_DIR", directory_.path());
    options_.environment = environment;
    options_.on_lost = [this](const LifecycleError& why) {
      const std::lock_guard lock(mutex_);
      ++lost_;
      why_ = why;
      lost_changed_.notify_all();
    };
  }

  /// Makes the next fake follow `plan`, the protobuf text of a FaultPlan. With an empty
  /// plan it is honest.
  void UsePlan(const std::string& plan) {
    options_.environment->Set("ZLAYER_FAKE_PLAN",
                              plan.empty() ? "honest" : directory_.Write("plan.txtpb", plan, 0600));
  }

  /// Waits until on_lost has been called `times` times. Returns false after 20 s.
  bool WaitForLost(int times) {
    std::unique_lock lock(mutex_);
    return lost_changed_.wait_for(lock, std::chrono::seconds(20), [&] { return lost_ >= times; });
  }

  TemporaryDirectory directory_;
  SidecarConfig config_;
  LifecycleOptions options_;
  std::mutex mutex_;
  std::condition_variable lost_changed_;
  int lost_ = 0;                       // calls of on_lost; guarded by mutex_
  std::optional<LifecycleError> why_;  // of the last one; guarded by mutex_
};

}  // namespace zlayer::sidecar
