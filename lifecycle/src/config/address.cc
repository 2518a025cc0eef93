#include "lifecycle/src/config/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>

#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

/// inet_pton(3) stops at a NUL byte. A host that contains one is refused here, or its first part
/// alone would decide.
bool IsLiteral(int family, const std::string& host, void* address) {
  return host.find('\0') == host.npos && ::inet_pton(family, host.c_str(), address) == 1;
}

bool IsIpv4(const std::string& host, in_addr* address) { return IsLiteral(AF_INET, host, address); }

bool IsIpv6(const std::string& host, in6_addr* address) {
  return IsLiteral(AF_INET6, host, address);
}

/// Letters, digits, '-' and '.', as in RFC 1123. A host of digits and dots alone is refused,
/// because getaddrinfo(3) accepts some of them as abbreviated IPv4 addresses: 127.1 is 127.0.0.1.
bool IsHostName(std::string_view host) {
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
  if (host.empty() || host.size() > 253) return false;
  if (host.find_first_not_of(kAllowed) != host.npos) return false;
  if (host.front() == '-' || host.front() == '.') return false;
  return host.find_first_not_of("0123456789.") != host.npos;
}

tl::expected<std::uint16_t, std::string> ParsePort(std::string_view text) {
  unsigned port = 0;
  const bool digits = !text.empty() && text.find_first_not_of("0123456789") == text.npos;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (!digits) return tl::unexpected("port \"" + Escaped(text, 32) + "\" is not a number");
  if (error != std::errc() || port == 0 || port > 65535) {
    return tl::unexpected("port \"" + Escaped(text, 32) + "\" is not in 1..65535");
  }
  return static_cast<std::uint16_t>(port);
}

}  // namespace

std::string Address::ToString() const {
  const bool bracketed = host.find(':') != host.npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool Address::IsLoopback() const {
  in_addr v4{};
  in6_addr v6{};
  if (IsIpv4(host, &v4)) return (ntohl(v4.s_addr) >> 24) == 127;
  if (IsIpv6(host, &v6)) return IN6_IS_ADDR_LOOPBACK(&v6);
  return host == "localhost";
}

tl::expected<Address, std::string> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return tl::unexpected(std::string("there is no port"));
  auto port = ParsePort(text.substr(colon + 1));
  if (!port) return tl::unexpected(std::move(port.error()));
  std::string host(text.substr(0, colon));
  if (host.empty()) return tl::unexpected(std::string("there is no host"));
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  in_addr v4{};
  in6_addr v6{};
  const bool valid = IsIpv6(host, &v6) || (!bracketed && (IsIpv4(host, &v4) || IsHostName(host)));
  if (!valid) return tl::unexpected("host \"" + Escaped(host, 64) + "\" is not a valid address");
  return Address{std::move(host), *port};
}

}  // namespace zlayer::sidecar
