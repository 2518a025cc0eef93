#include "lifecycle/src/connect/dial.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// The pause after a refused connection: doubled after each attempt, up to kLongestPause. The first
/// is too short to be noticed; the longest keeps the load of many attempts low.
constexpr std::chrono::milliseconds kFirstPause{5};
constexpr std::chrono::milliseconds kLongestPause{200};

struct AddrinfoFree {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using AddrinfoPtr = std::unique_ptr<addrinfo, AddrinfoFree>;

Result<AddrinfoPtr> Resolve(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error == 0) return AddrinfoPtr(found);
  return Fail(ErrorKind::dial_failed, "cannot look up {}: {}", address.ToString(),
              error == EAI_SYSTEM ? ErrnoText(errno) : ::gai_strerror(error));
}

/// One attempt. The error is an errno value; 0 if `waited` is not Waited::ready, which tells more.
tl::expected<UniqueFd, int> ConnectOnce(const addrinfo& target, Deadline deadline, StartWait* wait,
                                        Waited* waited) {
  UniqueFd socket(
      ::socket(target.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, target.ai_protocol));
  if (!socket) return tl::unexpected(errno);
  if (::connect(socket.get(), target.ai_addr, target.ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return tl::unexpected(errno);
    *waited = wait->For(socket.get(), POLLOUT, deadline);
    if (*waited != Waited::ready) return tl::unexpected(0);
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return tl::unexpected(error);
  const int on = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

/// Tries each address of the name in turn, and all of them again if the last one refuses. One that
/// does not answer at all takes the rest of the limit, so that those after it are not tried.
Result<UniqueFd> Connect(const Address& address, const DialLimit& limit, StartWait* wait) {
  auto targets = Resolve(address);
  if (!targets) return tl::unexpected(std::move(targets.error()));
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    int error = 0;
    for (const addrinfo* target = targets->get(); target != nullptr; target = target->ai_next) {
      Waited waited = Waited::ready;
      auto socket = ConnectOnce(*target, limit.deadline, wait, &waited);
      if (socket) return std::move(*socket);
      if (waited != Waited::ready) {
        return tl::unexpected(DialCutShort(address, limit, waited, "connecting"));
      }
      error = socket.error();
    }
    if (error != ECONNREFUSED) {
      return Fail(ErrorKind::dial_failed, "cannot connect to {}: {}", address.ToString(),
                  ErrnoText(error));
    }
    const Deadline next = std::min(Clock::now() + pause, limit.deadline);
    if (Clock::now() >= limit.deadline) {
      return Fail(ErrorKind::dial_failed, "cannot connect to {} within {} ms: {}",
                  address.ToString(), limit.limit.count(), ErrnoText(error));
    }
    const Waited waited = wait->For(-1, 0, next);
    if (waited != Waited::timeout) {
      return tl::unexpected(DialCutShort(address, limit, waited, "connecting"));
    }
  }
}

/// Sends the session's output. False if the connection accepts no more.
bool SendOutput(int socket, TlsSession* session) {
  while (!session->Output().empty()) {
    const std::string_view output = session->Output();
    const ssize_t sent = ::send(socket, output.data(), output.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    // Not EAGAIN: the few KiB of a handshake fit into any socket buffer.
    if (sent < 0) return false;
    session->TakeOutput(static_cast<size_t>(sent));
  }
  return true;
}

void ReceiveInput(int socket, TlsSession* session) {
  char buffer[16 * 1024];
  const ssize_t got = ::recv(socket, buffer, sizeof buffer, 0);
  if (got > 0) return session->Feed({buffer, static_cast<size_t>(got)});
  const int error = got == 0 ? 0 : errno;
  if (error != EAGAIN && error != EINTR) session->FeedEnd(error);
}

Result<void> Handshake(const Address& address, const DialLimit& limit, int socket,
                       TlsSession* session, StartWait* wait) {
  for (;;) {
    const TlsSession::Progress progress = session->Handshake();
    // After a failure, too: the output is then our alert. If the connection is gone, the next read
    // shows it.
    SendOutput(socket, session);
    if (progress == TlsSession::Progress::done) return {};
    if (progress == TlsSession::Progress::failed) {
      return tl::unexpected(
          TlsRefusal(address, session->end().value(), session->refused_certificate()));
    }
    const Waited waited = wait->For(socket, POLLIN, limit.deadline);
    if (waited != Waited::ready) {
      return tl::unexpected(DialCutShort(address, limit, waited, "in the TLS handshake"));
    }
    ReceiveInput(socket, session);
  }
}

}  // namespace

Result<TlsConnection> Dial(const Address& address, std::unique_ptr<TlsSession> session,
                           const DialLimit& limit, StartWait* wait) {
  auto socket = Connect(address, limit, wait);
  if (!socket) return tl::unexpected(std::move(socket.error()));
  auto handshake = Handshake(address, limit, socket->get(), session.get(), wait);
  if (!handshake) return tl::unexpected(std::move(handshake.error()));
  return TlsConnection{std::move(*socket), std::move(session)};
}

LifecycleError TlsRefusal(const Address& address, const TlsEnd& end, std::string_view certificate) {
  const std::string where = address.ToString();
  switch (end.by) {
    case TlsEnd::By::us:
      return Fail(ErrorKind::server_rejected, "we refused the server at {}: {}{}{}", where,
                  end.reason, certificate.empty() ? "" : ": ", certificate)
          .value();
    case TlsEnd::By::peer:
      return Fail(ErrorKind::client_rejected, "the server at {} refused {}: {}", where,
                  end.about_certificate ? "us, most likely our certificate" : "our TLS handshake",
                  end.reason)
          .value();
    case TlsEnd::By::channel:
      return Fail(ErrorKind::dial_failed,
                  "the server at {} sent invalid HTTP/2: gRPC closed the connection before the "
                  "first RPC was answered",
                  where)
          .value();
    case TlsEnd::By::closed:
    case TlsEnd::By::finished:
      break;
  }
  return Fail(ErrorKind::dial_failed,
              "the server at {} ended the connection before it answered the first RPC, and gave no "
              "reason: {}; a server that refuses our certificate silently looks like this",
              where, end.reason)
      .value();
}

LifecycleError DialCutShort(const Address& address, const DialLimit& limit, Waited waited,
                            std::string_view doing) {
  const std::string where = address.ToString();
  switch (waited) {
    case Waited::cancelled:
      return Fail(ErrorKind::cancelled, "cancelled while {} to {}", doing, where).value();
    case Waited::process_ended:
      return Fail(ErrorKind::sidecar_lost, "the sidecar at {} ended while we were {}", where, doing)
          .value();
    default:
      return Fail(ErrorKind::dial_timeout,
                  "no RPC was answered by {} within {} ms: we were still {}", where,
                  limit.limit.count(), doing)
          .value();
  }
}

}  // namespace zlayer::sidecar
