// The one line that a sidecar prints: LISTENING host:port.

#pragma once

#include <string>
#include <string_view>

#include "address.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Bytes of stdout in which the line must end. The longest valid line (a 253-byte name) is far
/// below.
inline constexpr size_t kHandshakeLimit = 4096;

/// `line` is without its '\n'; one '\r' at its end is tolerated. The address is one of this
/// machine's loopback addresses, the only place where a sidecar of our own can be. Errors:
/// handshake_malformed, address_invalid, address_not_loopback.
Result<Address> ParseHandshake(std::string_view line);

/// stdout that held no line: too long, or ended without '\n'.
LifecycleError MalformedHandshake(std::string_view bytes, std::string_view what);

}  // namespace zlayer::sidecar
