// Plays the fault `tls_opening`: what a connection begins with instead of TLS.

#pragma once

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Writes the bytes to a non-blocking socket. True when the TLS handshake may follow. False when
/// the caller must close the connection: `how` ends it, or `stop_fd` became readable.
bool PlayOpening(v1::TlsOpening::How how, int socket, int stop_fd);

}  // namespace zlayer::fakes::daemon
