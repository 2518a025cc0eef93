// What a loaded set lacks for the protocol.

#pragma once

#include <chrono>
#include <optional>

#include "lifecycle/src/credentials/tls_set.h"

namespace zlayer::sidecar {

/// The first thing that would make a TLS handshake with this set fail now, on either side, or
/// `margin` from now because a certificate expires. Costs two verified signatures or fewer.
std::optional<TlsDefect> FindTlsDefect(const TlsSet& set, std::chrono::seconds margin);

}  // namespace zlayer::sidecar
