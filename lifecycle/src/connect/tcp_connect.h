// From an address to a TCP connection.

#pragma once

#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/config/address.h"
#include "lifecycle/src/connect/dial.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Returns a connected, non-blocking socket. Each address of a name gets an equal share of the time
/// that is left, so one that is silent leaves time for the others; all of them are tried again
/// until the deadline, unless every one failed otherwise than by refusing or by silence. The
/// message tells of each address how it failed. Errors: dial_failed, dial_timeout, sidecar_lost,
/// cancelled.
Result<UniqueFd> ConnectTcp(const Address& address, const DialLimit& limit, StartWait* wait);

}  // namespace zlayer::sidecar
