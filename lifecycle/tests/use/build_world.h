// A lifecycle on a fake daemon that builds by a plan, and what is seen of its builds.

#pragma once

#include <fstream>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include "lifecycle/tests/share/fake_world.h"
#include "zlayer/proto/buildah_sidecar.pb.h"
#include "zlayer/sidecar/build.h"

namespace zlayer::sidecar {

/// The only slot stays taken.
constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";

class BuildWorld : public FakeWorld {
 protected:
  BuildWorld() {
    options_.environment->Set("ZLAYER_FAKE_JOURNAL", directory_ / "journal");
    build_.on_event = [this](const buildah_sidecar::v1::BuildEvent& event) {
      ++events_;
      if (event.has_finished() || event.has_error()) ++ends_;
      if (then_) then_();
    };
  }

  static buildah_sidecar::v1::BuildRequest Request() {
    buildah_sidecar::v1::BuildRequest request;
    request.add_dockerfile_paths("Dockerfile");
    return request;
  }

  void Start() {
    lifecycle_.emplace(config_, options_);
    auto live = lifecycle_->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    live_ = *live;
  }

  Result<BuildResult> Run(std::stop_token stop = {}) {
    return RunBuild(*live_, Request(), build_, std::move(stop));
  }

  /// The error of a build on a fake with this plan.
  LifecycleError ErrorOf(const std::string& plan) {
    UsePlan(plan);
    Start();
    const auto built = Run();
    if (built) return {};
    return built.error();
  }

  std::string Journal() const {
    std::ifstream file(directory_ / "journal");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  BuildOptions build_;
  std::function<void()> then_;  // at each event
  int events_ = 0;
  int ends_ = 0;
  std::optional<SidecarLifecycle> lifecycle_;
  std::optional<LiveSidecar> live_;
};

}  // namespace zlayer::sidecar
