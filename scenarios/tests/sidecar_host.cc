// A host program for tests: starts and stops a sidecar over and over until it is killed. Prints
// "ready" first.

#include <cstdio>

#include "zlayer/sidecar/sidecar_lifecycle.h"

int main() {
  using zlayer::sidecar::LifecycleOptions;
  using zlayer::sidecar::SidecarLifecycle;
  LifecycleOptions options;
  options.grace = std::chrono::milliseconds(50);
  std::puts("ready");
  std::fflush(stdout);
  for (;;) {
    SidecarLifecycle lifecycle({}, options);
    if (!lifecycle.Ensure()) return 1;
    lifecycle.Shutdown();
  }
}
