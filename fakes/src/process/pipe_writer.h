// Writing to a pipe whose reader may never read.

#pragma once

#include <string_view>

#include "fakes/src/process/waiter.h"

namespace zlayer::fakes::daemon {

/// Writes all bytes, in pieces of at most PIPE_BUF (4096): a pipe that poll(2) reports as writable
/// takes such a piece without blocking. Returns false when `wait` returned Woke::stop while the
/// pipe was full.
bool WriteToPipe(int fd, std::string_view bytes, const Waiter& wait);

}  // namespace zlayer::fakes::daemon
