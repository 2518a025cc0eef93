// Prints the handshake line on stdout.

#pragma once

#include <string_view>

#include "fakes/src/peer/peer.h"

namespace zlayer::fakes::daemon {

/// Journals `printed`: how many bytes go to stdout, and the first 256 of them.
void JournalPrinted(Journal& journal, std::string_view head, std::uint64_t size);

/// Prints "LISTENING host:port\n" and journals it.
AfterLine PrintHonestLine(Start& start);

}  // namespace zlayer::fakes::daemon
