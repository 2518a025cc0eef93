#include "fakes/src/process/stop_kills.h"

#include <signal.h>

namespace zlayer::fakes::daemon {
namespace {

void ChangeMask(int how) {
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGTERM);
  sigaddset(&stop, SIGINT);
  pthread_sigmask(how, &stop, nullptr);
}

}  // namespace

StopKills::StopKills(bool kills) : kills_(kills) {
  if (kills_) ChangeMask(SIG_UNBLOCK);
}

StopKills::~StopKills() {
  if (kills_) ChangeMask(SIG_BLOCK);
}

}  // namespace zlayer::fakes::daemon
