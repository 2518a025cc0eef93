#include "fakes/src/pipe_writer.h"

#include <limits.h>
#include <poll.h>

#include "fakes/src/stdio_write.h"

namespace zlayer::fakes {

void WriteToPipe(int fd, std::string_view bytes, Signals& signals) {
  while (!bytes.empty()) {
    signals.WaitOrDie(fd, POLLOUT, kNoDeadline);
    const std::string_view piece = bytes.substr(0, PIPE_BUF);
    WriteAll(fd, piece);
    bytes.remove_prefix(piece.size());
  }
}

}  // namespace zlayer::fakes
