#include "fakes/src/process/pipe_writer.h"

#include <limits.h>
#include <poll.h>

#include "fakes/src/base/stdio_write.h"

namespace zlayer::fakes::daemon {

bool WriteToPipe(int fd, std::string_view bytes, const Waiter& wait) {
  while (!bytes.empty()) {
    if (wait(fd, POLLOUT, kNoDeadline) == Woke::stop) return false;
    const std::string_view piece = bytes.substr(0, PIPE_BUF);
    WriteAll(fd, piece);
    bytes.remove_prefix(piece.size());
  }
  return true;
}

}  // namespace zlayer::fakes::daemon
