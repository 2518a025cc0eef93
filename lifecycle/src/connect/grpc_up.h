// Initialises gRPC so that it cannot take the host down.

#pragma once

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Initialises gRPC in this process, and keeps it initialised for the rest of the process.
///
/// gRPC's initialisation checks none of its system calls: it aborts where descriptors run out, and
/// waits for ever for a thread that could not be made. So KeepGrpcUp first makes sure that both can
/// be had. If gRPC went down with the last channel, each start would meet that danger again; and
/// the going down itself hangs where a thread was missing, and aborts where a descriptor was
/// closed.
///
/// Does nothing after the first success. Any thread. Blocks for some milliseconds, the first time.
/// Error: spawn_failed, which names what is missing.
Result<void> KeepGrpcUp();

}  // namespace zlayer::sidecar
