#include "tools/stop_signals.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace zlayer::tools {

StopSignals::StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGHUP);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  fd_ = signalfd(-1, &signals, SFD_CLOEXEC);
}

StopSignals::~StopSignals() { close(fd_); }

bool StopSignals::came() const {
  pollfd readable{fd_, POLLIN, 0};
  return poll(&readable, 1, 0) > 0;
}

}  // namespace zlayer::tools
