// host:port as a sidecar prints it and as a configuration names it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace zlayer::sidecar {

struct Address {
  /// An IPv4 or IPv6 literal without brackets, or a name.
  std::string host;
  std::uint16_t port;

  /// "127.0.0.1:80", "[::1]:80".
  std::string ToString() const;
  /// A literal of 127.0.0.0/8 or ::1, or "localhost". No name is looked up.
  bool IsLoopback() const;
};

/// Everything before the last ':' is the host: a name, an IPv4 literal, or an IPv6 literal with or
/// without brackets (the deployed daemon prints the IPv6 any-address as ":::port"). The port is 1
/// to 65535, in digits only. The error is the end of a sentence, such as "port \"0\" is not
/// in 1..65535".
tl::expected<Address, std::string> ParseAddress(std::string_view text);

}  // namespace zlayer::sidecar
