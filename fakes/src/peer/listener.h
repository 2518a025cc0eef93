// The listening socket.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

struct Listener {
  UniqueFd socket;      ///< listens; non-blocking
  std::string host;     ///< numeric
  std::string address;  ///< host:port, an IPv6 host in brackets; for the journal and the log
  std::string port;
};

/// Listens on the address of `--bind` (bind_address.h).
Result<Listener> Listen(const std::string& bind_address);

/// Finds a loopback port where nobody listens, as text. Another process may take it later.
Result<std::string> ClosedPort();

}  // namespace zlayer::fakes::daemon
