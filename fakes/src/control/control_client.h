// The other side of the control socket, for `fake-zlayer-buildd --control PATH REQUEST`.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// Sends one request, JSON or protobuf text, to the fake at `path`, and writes the reply to stdout;
/// behind a `follow` also every line that comes, until the fake or the reader has gone. Errors are
/// bad input: the request, the socket, or what the fake replied.
Result<void> RunControl(const std::string& path, const std::string& request);

}  // namespace zlayer::fakes::daemon
