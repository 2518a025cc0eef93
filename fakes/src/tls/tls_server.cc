#include "fakes/src/tls/tls_server.h"

#include <poll.h>
#include <sys/socket.h>

#include "fakes/src/tls/alert_record.h"
#include "fakes/src/tls/server_context.h"

namespace zlayer::fakes {
namespace {

/// False when `stop_fd` became readable first.
bool WaitFor(int socket, short events, int stop_fd) {
  pollfd fds[] = {{.fd = socket, .events = events, .revents = 0},
                  {.fd = stop_fd, .events = POLLIN, .revents = 0}};
  while (poll(fds, 2, -1) < 0) {
  }
  return fds[1].revents == 0;
}

std::string WhyRefused(const SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  std::string reason = TakeOpensslError();
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  return reason.empty() ? "the client closed the connection" : reason;
}

/// Empty: the handshake is complete.
std::string Accept(SSL* ssl, int stop_fd) {
  const int socket = SSL_get_fd(ssl);
  for (;;) {
    ERR_clear_error();
    const int accepted = SSL_accept(ssl);
    if (accepted == 1) return "";
    const int error = SSL_get_error(ssl, accepted);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return WhyRefused(ssl);
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!WaitFor(socket, events, stop_fd)) return "the daemon stops";
  }
}

/// Ends a finished handshake as a refusal.
std::string Refuse(SSL* ssl, const ClientRefusal& refusal, const HandshakeNotes& notes) {
  refusal.trigger->Fired();
  if (refusal.alert == 0) return "refused by the plan, without an alert";
  const std::string record = FatalAlertRecord(ssl, notes.server_secret, refusal.alert);
  if (send(SSL_get_fd(ssl), record.data(), record.size(), MSG_NOSIGNAL) < 0) {
    return "refused by the plan; the alert could not be sent";
  }
  return std::string("refused by the plan: ") + SSL_alert_desc_string_long(refusal.alert);
}

}  // namespace

Result<TlsServer> TlsServer::Load(const TlsPaths& paths, TlsFaults faults) {
  auto kept = std::make_unique<TlsFaults>(std::move(faults));
  Result<SslContextPtr> context = NewServerContext(paths, kept.get());
  if (!context) return tl::unexpected(context.error());
  return TlsServer(std::move(*context), std::move(kept));
}

SslPtr TlsServer::NewConnection(int socket) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl) SSL_set_fd(ssl.get(), socket);
  return ssl;
}

TlsResult TlsServer::Handshake(SSL* ssl, int stop_fd) const {
  HandshakeNotes notes;
  SSL_set_app_data(ssl, &notes);
  TlsResult result;
  result.reason = Accept(ssl, stop_fd);
  if (result.reason.empty() && notes.refused) result.reason = Refuse(ssl, *faults_->refusal, notes);
  SSL_set_app_data(ssl, nullptr);
  result.accepted = result.reason.empty();
  result.protocol = SSL_get_version(ssl);
  const unsigned char* alpn = nullptr;
  unsigned int alpn_size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &alpn_size);
  if (alpn) result.alpn.assign(reinterpret_cast<const char*>(alpn), alpn_size);
  result.peer_subject = std::move(notes.peer_subject);
  return result;
}

}  // namespace zlayer::fakes
