// The Unix socket of the control.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

/// Listens where ZLAYER_FAKE_CONTROL says, which is `value`: "unix:PATH". The socket is
/// non-blocking. Its directory must belong to this user and be closed to others, because whoever
/// may connect may end the fake and read its journal. Replaces a socket that is at PATH, and no
/// other file. Errors are bad input.
Result<UniqueFd> ListenForControl(const std::string& value);

/// Connects to a fake's socket. Errors are bad input.
Result<UniqueFd> ConnectToControl(const std::string& path);

}  // namespace zlayer::fakes::daemon
