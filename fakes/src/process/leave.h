// The one way in which the fake exits by itself.

#pragma once

#include <string>

#include "fakes/src/base/journal.h"

namespace zlayer::fakes::daemon {

/// Journals `exiting`, then calls _exit(2). No destructor runs and no thread is joined: the other
/// threads may be blocked by a fault for ever.
[[noreturn]] void Leave(Journal& journal, int code, const std::string& reason);

}  // namespace zlayer::fakes::daemon
