// The fake's own end.

#pragma once

#include <string>

#include "fakes/src/base/journal.h"

namespace zlayer::fakes {

/// Journals the end and exits at once: no destructor, no other thread has a say any more.
[[noreturn]] void Leave(Journal& journal, int code, const std::string& reason);

}  // namespace zlayer::fakes
