#include "fakes/src/base/stdio_write.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "fakes/src/base/before_end.h"

namespace zlayer::fakes::daemon {

namespace {

std::function<void(int)> last_words_of_process;

}  // namespace

void SetLastWords(std::function<void(int signal)> last_words) {
  last_words_of_process = std::move(last_words);
}

void DieBySignal(int signal) {
  if (last_words_of_process) last_words_of_process(signal);
  RunBeforeEnd();
  struct sigaction by_default {};
  by_default.sa_handler = SIG_DFL;
  sigaction(signal, &by_default, nullptr);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  // To this thread: another thread would take a signal that dumps core only later, and this one
  // would reach _exit() first.
  raise(signal);
  _exit(128 + signal);  // not reached, unless the kernel ignores the signal, as for process 1
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
