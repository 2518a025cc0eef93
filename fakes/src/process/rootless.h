// The process of a daemon that is not started by root: a wrapper around the daemon.

#pragma once

#include <cstdint>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/journal.h"

namespace zlayer::fakes::daemon {

/// Runs this program again as a child, with argv[0] ending in "-in-a-user-namespace", and stays as
/// its wrapper, as the deployed daemon does for any user but root: passes SIGTERM, SIGINT and
/// SIGHUP on, and exits with the child's status, or with 1 when the child was killed. The child
/// gets SIGKILL when the wrapper dies. It is not in a user namespace. `launch` is the number of the
/// launch, for the child. Returns only when the child cannot be started, as in a PID namespace with
/// the /proc of another one. Call before any thread starts.
Failure RunRootless(char* const* argv, std::uint32_t launch, Journal& journal);

}  // namespace zlayer::fakes::daemon
