// A host name as addresses, within the limit of the start.

#pragma once

#include <netdb.h>

#include <memory>

#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/config/address.h"
#include "lifecycle/src/connect/dial.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The list of getaddrinfo(3), never empty.
using Addresses = std::shared_ptr<const addrinfo>;

/// Resolves `address`. A numeric address takes no time. For a name getaddrinfo(3) runs on a thread
/// of its own, because it has limits of its own, and none where a name service hangs; this function
/// returns at the deadline or at a cancel all the same. The thread then stays until getaddrinfo
/// returns. It touches nothing of the start and blocks all signals, and there is at most one for
/// each name and port: a later call joins the lookup that is still under way.
///
/// Errors: dial_failed, dial_timeout, cancelled, sidecar_lost.
Result<Addresses> Resolve(const Address& address, const DialLimit& limit, StartWait* wait);

}  // namespace zlayer::sidecar
