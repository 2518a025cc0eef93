// A host for tests: a program that uses the lifecycle library and ends in the way that its argument
// names.

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>

#include "zlayer/proto/buildah_sidecar.pb.h"
#include "zlayer/sidecar/build.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace {

using zlayer::sidecar::LifecycleOptions;
using zlayer::sidecar::LiveSidecar;
using zlayer::sidecar::Phase;
using zlayer::sidecar::SidecarLifecycle;

LifecycleOptions Options() {
  LifecycleOptions options;
  options.grace = std::chrono::milliseconds(200);
  return options;
}

void Say(const char* line) {
  std::puts(line);
  std::fflush(stdout);
}

/// Starts and stops sidecars until it is killed.
int Loop() {
  Say("ready");
  for (;;) {
    SidecarLifecycle lifecycle({}, Options());
    if (!lifecycle.Ensure()) return 1;
    lifecycle.Shutdown();
  }
}

/// Is ready in the middle of a build: when its first event has come.
int Build() {
  SidecarLifecycle lifecycle({}, Options());
  const auto live = lifecycle.Ensure();
  if (!live) return 1;
  zlayer::buildah_sidecar::v1::BuildRequest request;
  request.add_dockerfile_paths("Dockerfile");
  zlayer::sidecar::BuildOptions options;
  options.on_event = [first = true](const auto&) mutable {
    if (std::exchange(first, false)) Say("ready");
  };
  return zlayer::sidecar::RunBuild(*live, request, options) ? 0 : 1;
}

/// Returns from main while static objects hold the lifecycle and a handle. The handle is destroyed
/// last.
int Statics() {
  static std::optional<LiveSidecar> live;
  static SidecarLifecycle lifecycle({}, Options());
  auto started = lifecycle.Ensure();
  if (!started) return 1;
  live = *started;
  Say("ready");
  return 0;
}

/// Calls exit in the middle of a start.
int ExitInStart() {
  LifecycleOptions options = Options();
  options.on_phase = [](Phase phase, auto) {
    if (phase == Phase::handshake) std::exit(0);  // on the thread of the callbacks
  };
  auto* lifecycle = new SidecarLifecycle({}, options);  // never deleted, as in many programs
  (void)lifecycle->Ensure();
  return 1;
}

/// Exits without running destructors or exit handlers.
int QuickExit() {
  auto* lifecycle = new SidecarLifecycle({}, Options());
  if (!lifecycle->Ensure()) return 1;
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "loop") return Loop();
  if (mode == "build") return Build();
  if (mode == "statics") return Statics();
  if (mode == "exit-in-start") return ExitInStart();
  if (mode == "quick-exit") return QuickExit();
  return 2;
}
