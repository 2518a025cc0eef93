// Writing to a pipe that may be full for ever.

#pragma once

#include <string_view>

#include "fakes/src/process/waiter.h"

namespace zlayer::fakes {

/// Writes everything, in single writes of at most 4096 bytes (PIPE_BUF). False: it was time to stop
/// while the pipe was full, which a blocking write would not notice.
bool WriteToPipe(int fd, std::string_view bytes, const Waiter& wait);

}  // namespace zlayer::fakes
