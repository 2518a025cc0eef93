// What a process does that a fake leaves behind. It has one thread, and a lifetime.

#pragma once

#include <sys/types.h>

#include "fakes/src/base/journal.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

void JournalChild(Journal& journal, pid_t child);

/// Keeps the inherited pipes and nothing else, until a signal or the lifetime ends it.
[[noreturn]] void Linger(const v1::Grandchild& grandchild);

/// Starts a child that lingers, and another when it has ended, up to `respawn` of them; each is in
/// the journal before it lingers. Closes `ready` when the first one lingers.
[[noreturn]] void Supervise(const v1::Grandchild& grandchild, int ready, Journal& journal);

}  // namespace zlayer::fakes
