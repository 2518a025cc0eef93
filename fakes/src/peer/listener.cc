#include "fakes/src/peer/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <cstdint>
#include <tuple>
#include <utility>

namespace zlayer::fakes::daemon {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool ParsePort(const std::string& text, std::uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

/// Parses "host:port". Returns size 0 when the host or the port is not valid.
SocketAddress ParseAddress(const std::string& text) {
  SocketAddress parsed;
  const size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  if (colon == text.npos || !ParsePort(text.substr(colon + 1), &port)) return parsed;
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  if (host.empty()) host = "::";
  if (host == "localhost") host = "127.0.0.1";
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
  }
  return parsed;
}

/// The numeric host and port that `socket` is bound to.
std::pair<std::string, std::string> BoundTo(int socket) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  getsockname(socket, bound.get(), &bound.size);
  char host[INET6_ADDRSTRLEN] = "";
  std::uint16_t port = 0;
  if (bound.storage.ss_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&bound.storage);
    inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
    port = ntohs(v4->sin_port);
  } else {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&bound.storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    port = ntohs(v6->sin6_port);
  }
  return {host, std::to_string(port)};
}

Result<UniqueFd> NewSocket(SocketAddress& address, const std::string& name) {
  UniqueFd bound(socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  if (!bound || setsockopt(bound.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(bound.get(), address.get(), address.size) != 0) {
    return StartFailedErrno("--bind " + name);
  }
  return bound;
}

}  // namespace

Result<Listener> Bind(const std::string& bind_address) {
  SocketAddress address = ParseAddress(bind_address);
  if (address.size == 0) {
    return StartFailed("--bind " + bind_address + ": is not an IP address and a port");
  }
  Result<UniqueFd> bound = NewSocket(address, bind_address);
  if (!bound) return tl::unexpected(bound.error());
  Listener listener;
  listener.socket = std::move(*bound);
  std::tie(listener.host, listener.port) = BoundTo(listener.socket.get());
  const bool is_v6 = listener.host.find(':') != std::string::npos;
  listener.address = (is_v6 ? "[" + listener.host + "]" : listener.host) + ":" + listener.port;
  return listener;
}

Result<void> Listen(const Listener& bound) {
  if (listen(bound.socket.get(), SOMAXCONN) != 0) return StartFailedErrno("listen");
  return {};
}

Result<UniqueFd> CloseAndHold(const Listener& listener) {
  SocketAddress address;
  address.size = sizeof address.storage;
  getsockname(listener.socket.get(), address.get(), &address.size);
  const UniqueFd never_readable(eventfd(0, EFD_CLOEXEC));
  if (dup3(never_readable.get(), listener.socket.get(), O_CLOEXEC) < 0) {
    return StartFailedErrno("cannot close the listening socket");
  }
  return NewSocket(address, listener.address);
}

Result<void> ListenAgain(const Listener& listener, const UniqueFd& held) {
  if (listen(held.get(), SOMAXCONN) != 0 ||
      dup3(held.get(), listener.socket.get(), O_CLOEXEC) < 0) {
    return StartFailedErrno("cannot listen again");
  }
  return {};
}

Result<std::string> ClosedPort() {
  SocketAddress any = ParseAddress("127.0.0.1:0");
  const Result<UniqueFd> bound = NewSocket(any, "127.0.0.1:0");
  if (!bound) return tl::unexpected(bound.error());
  return BoundTo(bound->get()).second;
}

}  // namespace zlayer::fakes::daemon
