// A host program for tests, which ends in the way that its argument names.

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <thread>

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

/// Starts and stops until it is killed.
int Loop() {
  Say("ready");
  for (;;) {
    SidecarLifecycle lifecycle({}, Options());
    if (!lifecycle.Ensure()) return 1;
    lifecycle.Shutdown();
  }
}

/// Returns from main with everything still held by statics, the handle to be destroyed last.
int Statics() {
  static std::optional<LiveSidecar> live;
  static SidecarLifecycle lifecycle({}, Options());
  auto started = lifecycle.Ensure();
  if (!started) return 1;
  live = *started;
  Say("ready");
  return 0;
}

/// Exits while another thread is in the middle of a start.
int ExitInStart() {
  LifecycleOptions options = Options();
  options.on_phase = [](Phase phase, auto) {
    if (phase == Phase::handshake) std::exit(0);  // on the start's own thread
  };
  auto* lifecycle = new SidecarLifecycle({}, options);  // nobody's, as in many programs
  (void)lifecycle->Ensure();
  return 1;
}

/// Leaves without a destructor's run.
int QuickExit() {
  auto* lifecycle = new SidecarLifecycle({}, Options());
  if (!lifecycle->Ensure()) return 1;
  std::_Exit(0);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc == 2 ? argv[1] : "";
  if (mode == "loop") return Loop();
  if (mode == "statics") return Statics();
  if (mode == "exit-in-start") return ExitInStart();
  if (mode == "quick-exit") return QuickExit();
  return 2;
}
