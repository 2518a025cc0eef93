// The faults that change the bytes of a connection.

#pragma once

#include <vector>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

/// Each list is in the order of the plan; its first fault is nearest to the client. The functions
/// are called once for each connection, on the accepting thread.
struct ConnectionFaults {
  std::vector<MakeByteFault> network;  ///< between TCP and TLS
  std::vector<MakeByteFault> http2;    ///< between TLS and gRPC
};

}  // namespace zlayer::fakes::daemon
