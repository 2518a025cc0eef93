// Plays the fault `tls_opening`: what a connection begins with instead of TLS.

#pragma once

#include "fakes/src/tls/wait_for.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Writes the bytes to a non-blocking socket. True when the TLS handshake may follow. False when
/// the caller must close the connection: `how` ends it, or the limit came.
bool PlayOpening(v1::TlsOpening::How how, int socket, const WaitLimit& limit);

}  // namespace zlayer::fakes::daemon
