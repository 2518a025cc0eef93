// The faults that change the bytes of a connection.

#pragma once

#include <vector>

#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

/// Each list is in the order of the plan; its first fault is nearest to the client. Faults are made
/// once for each connection, on the accepting thread; some of http2 may join later.
struct ConnectionFaults {
  std::vector<MakeByteFault> network;  ///< between TCP and TLS
  Http2Faults http2;                   ///< between TLS and gRPC
};

}  // namespace zlayer::fakes::daemon
