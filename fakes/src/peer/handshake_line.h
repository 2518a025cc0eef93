// What the fake says on stdout.

#pragma once

#include <string_view>

#include "fakes/src/peer/peer.h"

namespace zlayer::fakes {

/// Journals bytes that went to stdout: their number and the first 256 of them.
void JournalPrinted(Journal& journal, std::string_view head, std::uint64_t size);

/// "LISTENING host:port\n".
AfterLine PrintHonestLine(Start& start);

}  // namespace zlayer::fakes
