// The address of `--bind`, as Go's net.Listen("tcp", ...) reads it.

#pragma once

#include <sys/socket.h>

#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// Parses "host:port". The host is an IP address, an IPv6 address in brackets, a name of
/// /etc/hosts, or empty; the port is a number, a service of /etc/services, or empty for any. The
/// empty string is
/// ":0". An empty host and 0.0.0.0 mean every address of both IPv4 and IPv6. A name gets its IPv4
/// address if it has one. Errors are failed starts.
Result<SocketAddress> ParseBindAddress(const std::string& text);

}  // namespace zlayer::fakes::daemon
