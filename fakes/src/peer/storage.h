// The store: the directories that the daemon opens before it listens.

#pragma once

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// Opens the store, as the deployed daemon does: makes missing directories, mode 0700, and fails
/// when one cannot be used or the driver is unknown. Sets the three storage flags to what is in
/// use. A directory that no flag names is not touched: the fake does not write to the machine's own
/// store. Nor does the fake write into the directories. Errors are failed starts.
Result<void> OpenStorage(DaemonFlags& flags);

}  // namespace zlayer::fakes::daemon
