#include "fakes/src/tls/tls_server.h"

#include <sys/socket.h>

#include <optional>

#include "fakes/src/tls/flight.h"
#include "fakes/src/tls/opening.h"
#include "fakes/src/tls/sealed_record.h"
#include "fakes/src/tls/server_context.h"
#include "fakes/src/tls/wait_for.h"

namespace zlayer::fakes::daemon {
namespace {

std::string WhyRefused(const SSL* ssl) {
  const long verdict = SSL_get_verify_result(ssl);
  std::string reason = TakeOpensslError();
  if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
  return reason.empty() ? "the client closed the connection" : reason;
}

/// Runs SSL_accept() until it succeeds or fails. Returns why it failed; empty when the handshake is
/// complete. `flight` is null when no message is to be broken.
std::string Accept(SSL* ssl, Flight* flight, int stop_fd) {
  const int socket = SSL_get_fd(ssl);
  for (;;) {
    ERR_clear_error();
    const int accepted = SSL_accept(ssl);
    const int error = SSL_get_error(ssl, accepted);
    std::string reason;
    const bool retry = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    if (accepted != 1 && !retry) reason = WhyRefused(ssl);
    switch (flight ? flight->Send() : Flight::State::goes_on) {
      case Flight::State::stalled:
        WaitFor(socket, POLLRDHUP, stop_fd);
        return "stalled by the plan";
      case Flight::State::closed:
        return "closed by the plan";
      case Flight::State::goes_on:
        break;
    }
    if (!retry) return reason;
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!WaitFor(socket, events, stop_fd)) return "the daemon stops";
  }
}

/// Refuses the client after a complete handshake. TLS 1.3 allows that: the client's connect
/// succeeds before the server has verified it. Returns the reason.
std::string Refuse(SSL* ssl, const ClientRefusal& refusal, const HandshakeNotes& notes) {
  refusal.trigger->Fired();
  if (refusal.alert == 0) return "refused by the plan, without an alert";
  const std::string record = FatalAlertRecord(ssl, notes.traffic_secret, refusal.alert);
  if (send(SSL_get_fd(ssl), record.data(), record.size(), MSG_NOSIGNAL) < 0) {
    return "refused by the plan; the alert could not be sent";
  }
  return std::string("refused by the plan: ") + SSL_alert_desc_string_long(refusal.alert);
}

/// Does the handshake with its faults. Returns why it failed; empty when it is complete.
std::string AcceptChanged(SSL* ssl, HandshakeNotes& notes, int stop_fd) {
  const TlsFaults& faults = *notes.faults;
  const auto& opening = faults.opening;
  if (opening && opening->trigger->Happens(notes.connection) &&
      !PlayOpening(opening->how, SSL_get_fd(ssl), stop_fd)) {
    return "ended by the plan before TLS";
  }
  for (const ConnectionChange& change : faults.connection_changes) change(ssl, notes);
  std::optional<Flight> flight;
  if (faults.flight && faults.flight->trigger->Take(notes.connection)) {
    flight.emplace(ssl, *faults.flight, notes);
  }
  std::string reason = Accept(ssl, flight ? &*flight : nullptr, stop_fd);
  if (reason.empty() && notes.refused) reason = Refuse(ssl, *faults.refusal, notes);
  return reason;
}

}  // namespace

Result<TlsServer> TlsServer::Load(const TlsPaths& paths) {
  return NewServerContext(paths).map(
      [](SslContextPtr context) { return TlsServer(std::move(context)); });
}

SslPtr TlsServer::NewConnection(int socket) const {
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl) SSL_set_fd(ssl.get(), socket);
  return ssl;
}

TlsResult TlsServer::Handshake(SSL* ssl, std::uint32_t connection, const TlsFaults& faults,
                               int stop_fd) const {
  HandshakeNotes notes{.connection = connection, .faults = &faults};
  SSL_set_app_data(ssl, &notes);
  TlsResult result;
  result.reason = AcceptChanged(ssl, notes, stop_fd);
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

}  // namespace zlayer::fakes::daemon
