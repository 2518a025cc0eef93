#include "fakes/src/upstream/first_line.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cstdint>

namespace zlayer::fakes::daemon {
namespace {

constexpr std::string_view kHead = "LISTENING ";

std::uint16_t ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() ? port : std::uint16_t{0};
}

/// A host that a client can dial.
std::string Dialled(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost" || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

}  // namespace

std::optional<UpstreamAddress> AddressInLine(std::string line) {
  if (!line.ends_with('\n')) return std::nullopt;
  line.pop_back();
  if (line.ends_with('\r')) line.pop_back();
  const size_t colon = line.rfind(':');
  if (!line.starts_with(kHead) || colon == line.npos || colon < kHead.size()) return std::nullopt;
  const std::uint16_t port = ParsePort(std::string_view(line).substr(colon + 1));
  const std::string host = Dialled(line.substr(kHead.size(), colon - kHead.size()));
  UpstreamAddress address;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    address.size = sizeof *v4;
    address.text = host + ":" + std::to_string(port);
  } else if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    address.size = sizeof *v6;
    address.text = "[" + host + "]:" + std::to_string(port);
  }
  if (port == 0 || address.size == 0) return std::nullopt;
  return address;
}

}  // namespace zlayer::fakes::daemon
