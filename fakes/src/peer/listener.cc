#include "fakes/src/peer/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <tuple>
#include <utility>

#include "fakes/src/peer/bind_address.h"

namespace zlayer::fakes::daemon {
namespace {

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

Result<UniqueFd> NewSocket(SocketAddress& address) {
  const int family = address.storage.ss_family;
  UniqueFd bound(socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!bound) return StartFailedErrno("socket");
  const int on = 1;
  const int off = 0;
  // "::" takes IPv4, too, whatever the machine's own setting is.
  if (family == AF_INET6) {
    setsockopt(bound.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  }
  if (setsockopt(bound.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(bound.get(), address.get(), address.size) != 0) {
    return StartFailedErrno("bind");
  }
  return bound;
}

/// On a machine without IPv6, "::" means 0.0.0.0.
SocketAddress WithoutIpv6(const SocketAddress& address) {
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
  if (address.storage.ss_family != AF_INET6 || !IN6_IS_ADDR_UNSPECIFIED(&v6->sin6_addr)) {
    return address;
  }
  SocketAddress any;
  auto* v4 = reinterpret_cast<sockaddr_in*>(&any.storage);
  v4->sin_family = AF_INET;
  v4->sin_port = v6->sin6_port;
  any.size = sizeof *v4;
  return any;
}

}  // namespace

Result<Listener> Bind(const std::string& bind_address) {
  auto address = ParseBindAddress(bind_address);
  if (!address) return tl::unexpected(address.error());
  Result<UniqueFd> bound = NewSocket(*address);
  if (!bound && (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
    *address = WithoutIpv6(*address);
    bound = NewSocket(*address);
  }
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
  // A process that is being forked may hold a copy for a moment: a close alone ends nothing then.
  shutdown(listener.socket.get(), SHUT_RDWR);
  const UniqueFd never_readable(eventfd(0, EFD_CLOEXEC));
  if (dup3(never_readable.get(), listener.socket.get(), O_CLOEXEC) < 0) {
    return StartFailedErrno("cannot close the listening socket");
  }
  return NewSocket(address);
}

Result<void> ListenAgain(const Listener& listener, const UniqueFd& held) {
  if (listen(held.get(), SOMAXCONN) != 0 ||
      dup3(held.get(), listener.socket.get(), O_CLOEXEC) < 0) {
    return StartFailedErrno("cannot listen again");
  }
  return {};
}

Result<std::string> ClosedPort() {
  auto any = ParseBindAddress("127.0.0.1:0");
  const Result<UniqueFd> bound = NewSocket(*any);
  if (!bound) return tl::unexpected(bound.error());
  return BoundTo(bound->get()).second;
}

}  // namespace zlayer::fakes::daemon
