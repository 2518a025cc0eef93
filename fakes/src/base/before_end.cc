#include "fakes/src/base/before_end.h"

#include <unistd.h>

#include <atomic>

namespace zlayer::fakes::daemon {
namespace {

std::atomic<void (*)()> registered = nullptr;
pid_t owner = 0;  // set before `registered`

}  // namespace

void BeforeEnd(void (*act)()) {
  owner = getpid();
  registered = act;
}

void RunBeforeEnd() {
  if (!registered || getpid() != owner) return;
  if (auto* act = registered.exchange(nullptr)) act();
}

}  // namespace zlayer::fakes::daemon
