// The host:port of a handshake line or of SidecarConfig::addr.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace zlayer::sidecar {

struct Address {
  /// A host name, an IPv4 literal, or an IPv6 literal without brackets.
  std::string host;
  std::uint16_t port;

  /// "127.0.0.1:80", "[::1]:80".
  std::string ToString() const;
  /// True for a literal in 127.0.0.0/8, for ::1 and for "localhost". Resolves no name, so every
  /// other name counts as not loopback.
  bool IsLoopback() const;
};

/// Everything before the last ':' is the host: a name, an IPv4 literal, or an IPv6 literal with or
/// without brackets (the deployed daemon prints the IPv6 any-address as ":::port"). The port is 1
/// to 65535, in digits only. The error completes a sentence about the address, such as "port \"0\"
/// is not in 1..65535".
tl::expected<Address, std::string> ParseAddress(std::string_view text);

}  // namespace zlayer::sidecar
