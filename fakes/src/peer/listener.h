// The socket that a client dials.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes {

struct Listener {
  UniqueFd socket;      ///< listens; non-blocking
  std::string host;     ///< numeric
  std::string address;  ///< as the handshake line has it: host:port, IPv6 without brackets
  std::string port;
};

/// Listens on "host:port"; the host is an IP address, "localhost" or empty (any address).
Result<Listener> Listen(const std::string& bind_address);

/// A loopback port where nobody listens, as text.
Result<std::string> ClosedPort();

}  // namespace zlayer::fakes
