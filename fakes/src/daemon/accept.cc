#include "fakes/src/daemon/accept.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace zlayer::fakes::daemon {
namespace {

std::string PeerName(const sockaddr_storage& address) {
  char host[INET6_ADDRSTRLEN] = "";
  std::uint16_t port = 0;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    port = ntohs(v6.sin6_port);
    return "[" + std::string(host) + "]:" + std::to_string(port);
  }
  return std::string(host) + ":" + std::to_string(port);
}

}  // namespace

bool Acceptor::Take() {
  const TriggerPtr stops = armed_.Now()->peer.stops_accepting;
  if (stopped_by_) {
    eventfd_t changes = 0;
    eventfd_read(armed_.changed_fd(), &changes);
    if (stops != stopped_by_) stopped_by_ = nullptr;
    return true;
  }
  if (!stops || !stops->Happens()) return AcceptOne();
  stopped_by_ = stops;  // the listener stays open: the kernel still completes connections
  return true;
}

bool Acceptor::AcceptOne() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  UniqueFd socket(
      accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return errno != EMFILE && errno != ENFILE;
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections_.Add(std::move(socket), PeerName(peer));
  return true;
}

}  // namespace zlayer::fakes::daemon
