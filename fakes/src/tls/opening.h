// What a connection begins with instead of TLS.

#pragma once

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// Writes it to a non-blocking socket. True: TLS may follow. False: the connection is to be closed,
/// also because `stop_fd` became readable.
bool PlayOpening(v1::TlsOpening::How how, int socket, int stop_fd);

}  // namespace zlayer::fakes
