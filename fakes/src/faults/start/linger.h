// The processes that faults leave behind. Each has one thread and its own lifetime timer.

#pragma once

#include <sys/types.h>

#include "fakes/src/base/journal.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Journals `child_started`.
void JournalChild(Journal& journal, pid_t child);

/// Closes all descriptors but 0 to 2, then waits until a signal or the lifetime ends the process.
[[noreturn]] void Linger(const v1::Grandchild& grandchild);

/// Starts a child that runs Linger(), and a new one each time the child has ended, `respawn` times.
/// Each child is in the journal before it runs. Closes `ready` once the first child runs, which
/// tells the fake that it may go on.
[[noreturn]] void Supervise(const v1::Grandchild& grandchild, int ready, Journal& journal);

}  // namespace zlayer::fakes::daemon
