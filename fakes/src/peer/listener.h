// The listening socket.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

struct Listener {
  UniqueFd socket;      ///< bound; non-blocking
  std::string host;     ///< numeric
  std::string address;  ///< host:port, an IPv6 host in brackets; for the journal and the log
  std::string port;
};

/// Binds to the address of `--bind` (bind_address.h) and does not listen yet.
Result<Listener> Bind(const std::string& bind_address);

Result<void> Listen(const Listener& bound);

/// Closes the socket and binds another one to its address, which keeps the port but refuses
/// connections. `listener.socket` keeps its number and is never readable until ListenAgain().
Result<UniqueFd> CloseAndHold(const Listener& listener);

/// Listens on `held`, from CloseAndHold(), in the place of `listener.socket`.
Result<void> ListenAgain(const Listener& listener, const UniqueFd& held);

/// Finds a loopback port where nobody listens, as text. Another process may take it later.
Result<std::string> ClosedPort();

}  // namespace zlayer::fakes::daemon
