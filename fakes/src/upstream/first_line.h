// Reads the first line that the upstream prints.

#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>

namespace zlayer::fakes::daemon {

/// Where the upstream listens.
struct UpstreamAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  std::string text = {};  ///< host:port, an IPv6 host in brackets
};

/// The longest first line, in bytes; the same as the handshake line's.
inline constexpr size_t kLongestLine = 4'096;

/// The address in "LISTENING host:port\n"; nullopt when the line is another one, or is not
/// complete. The host is a number or localhost. Any address (0.0.0.0 or ::) means the loopback
/// address of its family.
std::optional<UpstreamAddress> AddressInLine(std::string line);

}  // namespace zlayer::fakes::daemon
