// What a plan does to the bytes of each connection.

#pragma once

#include <vector>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes {

/// In the order of the plan; the first is next to the client.
struct ConnectionFaults {
  std::vector<MakeByteFault> network;  ///< between TCP and TLS
  std::vector<MakeByteFault> http2;    ///< between TLS and gRPC
};

}  // namespace zlayer::fakes
