// The fixture of build tests: a running fake daemon whose builds follow a plan, and counts of the
// events that its builds send.

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

/// A plan: the build sends one line and then never ends, so it keeps the daemon's only build slot.
/// No cancel ends it, because a step runs to its end.
constexpr char kHeld[] = "build { event { log { line: \"up\" } } } build { hold: true }";

/// A plan: as kHeld, but a step of 100 ms comes first. A cancel ends the build behind it.
constexpr char kCancellable[] =
    "build { event { log { line: \"up\" } } } "
    "build { delay_ms: 100 event { log { line: \"over\" } } } build { hold: true }";

class BuildWorld : public FakeWorld {
 protected:
  BuildWorld() {
    options_.environment->Set("ZLAYER_FAKE_JOURNAL", directory_ / "journal");
    build_.on_event = [this](const buildah_sidecar::v1::BuildEvent& event) {
      ++events_;
      if (event.has_finished() || event.has_error()) ++ends_;
      if (at_each_event_) at_each_event_();
    };
  }

  static buildah_sidecar::v1::BuildRequest Request() {
    buildah_sidecar::v1::BuildRequest request;
    request.add_dockerfile_paths("Dockerfile");
    return request;
  }

  /// Starts the fake; fills live_.
  void Start() {
    lifecycle_.emplace(config_, options_);
    auto live = lifecycle_->Ensure();
    ASSERT_TRUE(live) << live.error().message;
    live_ = *live;
  }

  Result<BuildResult> Run(std::stop_token stop = {}) {
    return RunBuild(*live_, Request(), build_, std::move(stop));
  }

  /// Runs one build on a fake with `plan` and returns its error; a default error if it succeeded.
  LifecycleError ErrorOf(const std::string& plan) {
    UsePlan(plan);
    Start();
    const auto built = Run();
    if (built) return {};
    return built.error();
  }

  /// The whole journal of the fake so far, one JSON line for each event.
  std::string Journal() const {
    std::ifstream file(directory_ / "journal");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  BuildOptions build_;
  std::function<void()> at_each_event_;  // called after the event has been counted
  int events_ = 0;                       // events of all kinds
  int ends_ = 0;                         // `finished` and `error` events
  std::optional<SidecarLifecycle> lifecycle_;
  std::optional<LiveSidecar> live_;
};

}  // namespace zlayer::sidecar
