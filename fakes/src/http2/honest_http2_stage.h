// Runs HonestHttp2 (honest_http2.h) in a Relay, behind the faults of HTTP/2.

#pragma once

#include <memory>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

/// A stage for one connection; it must be the last before the server.
std::unique_ptr<ByteFault> NewHonestHttp2Stage();

}  // namespace zlayer::fakes::daemon
