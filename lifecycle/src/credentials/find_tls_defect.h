// Checks whether TLS will accept a loaded set.

#pragma once

#include <chrono>
#include <optional>

#include "lifecycle/src/credentials/tls_set.h"

namespace zlayer::sidecar {

/// The first reason for which a TLS handshake with this set would fail: on either side now, or
/// within `margin` because a certificate expires. Empty when there is none. Reads the system's
/// clock, as TLS does.
std::optional<TlsDefect> FindTlsDefect(const TlsSet& set, std::chrono::seconds margin);

}  // namespace zlayer::sidecar
