#include "fakes/src/peer/bind_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

namespace zlayer::fakes::daemon {
namespace {

struct HostAndPort {
  std::string host;
  std::string port;
};

Result<HostAndPort> Split(const std::string& text) {
  if (text.empty()) return HostAndPort{};
  const size_t colon = text.rfind(':');
  if (colon == text.npos) return StartFailed("missing port in address");
  HostAndPort parts{text.substr(0, colon), text.substr(colon + 1)};
  if (parts.host.starts_with('[')) {
    if (!parts.host.ends_with(']')) return StartFailed("missing ']' or port in address");
    parts.host = parts.host.substr(1, parts.host.size() - 2);
  } else if (parts.host.find(':') != parts.host.npos) {
    return StartFailed("too many colons in address");
  }
  return parts;
}

/// The words of each line of a file such as /etc/hosts, without comments.
std::vector<std::vector<std::string>> LinesOf(const char* path) {
  std::vector<std::vector<std::string>> lines;
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    std::istringstream words(text.substr(0, text.find('#')));
    std::vector<std::string>& line = lines.emplace_back();
    for (std::string word; words >> word;) line.push_back(word);
    if (line.size() < 2) lines.pop_back();
  }
  return lines;
}

bool IsNamed(const std::vector<std::string>& line, const std::string& name) {
  return line[0] == name || std::find(line.begin() + 2, line.end(), name) != line.end();
}

Result<std::uint16_t> ParsePort(const std::string& text) {
  if (text.empty()) return 0;
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error == std::errc() && end == text.data() + text.size()) {
    if (port > 65'535) return StartFailed("invalid port " + text);
    return static_cast<std::uint16_t>(port);
  }
  for (const auto& line : LinesOf("/etc/services")) {  // name port/tcp alias...
    const size_t slash = line[1].find('/');
    if (!IsNamed(line, text) || line[1].substr(slash + 1) != "tcp") continue;
    return ParsePort(line[1].substr(0, slash));
  }
  return StartFailed("unknown port tcp/" + text);
}

std::optional<SocketAddress> Numeric(const std::string& host, std::uint16_t port) {
  SocketAddress parsed;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&parsed.storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&parsed.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
    parsed.size = sizeof *v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
    parsed.size = sizeof *v6;
  } else {
    return std::nullopt;
  }
  return parsed;
}

std::optional<SocketAddress> Resolve(const std::string& name, std::uint16_t port) {
  if (name == "localhost") return Numeric("127.0.0.1", port);
  std::optional<SocketAddress> found;
  for (const auto& line : LinesOf("/etc/hosts")) {  // address name...
    if (std::find(line.begin() + 1, line.end(), name) == line.end()) continue;
    const auto address = Numeric(line[0], port);
    if (address && address->storage.ss_family == AF_INET) return address;
    if (!found) found = address;
  }
  return found;
}

}  // namespace

Result<SocketAddress> ParseBindAddress(const std::string& text) {
  const auto parts = Split(text);
  if (!parts) return tl::unexpected(parts.error());
  const auto port = ParsePort(parts->port);
  if (!port) return tl::unexpected(port.error());
  const bool is_any = parts->host.empty() || parts->host == "0.0.0.0";
  auto address = Numeric(is_any ? "::" : parts->host, *port);
  if (!address) address = Resolve(parts->host, *port);
  if (!address) return StartFailed("lookup " + parts->host + ": no such host");
  return *address;
}

}  // namespace zlayer::fakes::daemon
