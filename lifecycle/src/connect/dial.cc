#include "lifecycle/src/connect/dial.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/tcp_connect.h"

namespace zlayer::sidecar {
namespace {

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
  auto socket = ConnectTcp(address, limit, wait);
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
    case TlsEnd::By::leaving:
      return Fail(ErrorKind::dial_failed,
                  "the server at {} announced its end (GOAWAY) before it answered the first RPC",
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
