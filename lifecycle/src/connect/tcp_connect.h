// From an address to a TCP connection.

#pragma once

#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/config/address.h"
#include "lifecycle/src/connect/dial.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Returns a connected, non-blocking socket. Each address of a name gets an equal share of the time
/// that is left, so a silent address leaves time for the others. If at least one address refused
/// or stayed silent, all are tried again until the deadline; otherwise the call fails at once. The
/// message says how each address failed. Errors: dial_failed, dial_timeout, sidecar_lost,
/// cancelled.
Result<UniqueFd> ConnectTcp(const Address& address, const DialLimit& limit, StartWait* wait);

}  // namespace zlayer::sidecar
