// Writing to a pipe that may be full for ever.

#pragma once

#include <string_view>

#include "fakes/src/signals.h"

namespace zlayer::fakes {

/// Writes everything, in single writes of at most 4096 bytes (PIPE_BUF). While the pipe is full a
/// stop signal ends the process, which a blocking write would prevent.
void WriteToPipe(int fd, std::string_view bytes, Signals& signals);

}  // namespace zlayer::fakes
