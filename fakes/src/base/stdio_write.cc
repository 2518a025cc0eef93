#include "fakes/src/base/stdio_write.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "fakes/src/base/before_end.h"

namespace zlayer::fakes::daemon {

void DieBySignal(int signal) {
  RunBeforeEnd();
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(signal, &by_default, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  kill(getpid(), signal);
  _exit(128 + signal);  // not reached, unless the signal's default is to be ignored
}

void CloseStdout() {
  const int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
  dup2(null, STDOUT_FILENO);
  close(null);
}

void WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(fd, bytes.data(), bytes.size());
    if (wrote >= 0) {
      bytes.remove_prefix(static_cast<size_t>(wrote));
    } else if (errno == EPIPE) {
      DieBySignal(SIGPIPE);
    } else if (errno != EINTR) {
      return;
    }
  }
}

}  // namespace zlayer::fakes::daemon
