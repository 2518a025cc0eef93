#include "fakes/src/tls/tls_server.h"

#include <sys/socket.h>

#include <optional>

#include "fakes/src/tls/flight.h"
#include "fakes/src/tls/opening.h"
#include "fakes/src/tls/pem.h"
#include "fakes/src/tls/sealed_record.h"
#include "fakes/src/tls/server_context.h"
#include "fakes/src/tls/wait_for.h"

namespace zlayer::fakes::daemon {
namespace {

HandshakeNotes* NotesOf(const SSL* ssl) {
  return static_cast<HandshakeNotes*>(SSL_get_app_data(ssl));
}

std::string WhyRefused(const SSL* ssl) {
  std::string reason = TakeOpensslError();
  if (!NotesOf(ssl)->why_refused.empty()) return NotesOf(ssl)->why_refused;
  return reason.empty() ? "the client closed the connection" : reason;
}

/// Empty without a client certificate. A resumed session has kept that of its first handshake.
std::string PeerSubject(const SSL* ssl, const HandshakeNotes& notes) {
  X509* certificate = SSL_get0_peer_certificate(ssl);
  return certificate ? SubjectOf(certificate) : notes.peer_subject;
}

std::string AlpnOf(const SSL* ssl) {
  const unsigned char* alpn = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl, &alpn, &size);
  return alpn ? std::string(reinterpret_cast<const char*>(alpn), size) : "";
}

/// Ends the connection of a client that did not offer h2. The handshake has succeeded, as with the
/// deployed daemon, whose gRPC looks at the protocol only afterwards. Returns the reason.
std::string EndWithoutH2(SSL* ssl) {
  SSL_shutdown(ssl);
  return "the client does not offer the ALPN protocol h2";
}

/// Runs SSL_accept() until it succeeds or fails. Returns why it failed; empty when the handshake is
/// complete. `flight` is null when no message is to be broken.
std::string Accept(SSL* ssl, Flight* flight, const WaitLimit& limit) {
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
        WaitFor(socket, POLLRDHUP, limit);
        return "stalled by the plan";
      case Flight::State::closed:
        return "closed by the plan";
      case Flight::State::goes_on:
        break;
    }
    if (!retry) return reason;
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!WaitFor(socket, events, limit)) return "the handshake took too long";
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

/// Makes the server send no NewSessionTicket and take none: a resumed handshake would pass over the
/// place where a fault is.
void ForbidResumption(SSL* ssl) {
  SSL_set_options(ssl, SSL_OP_NO_TICKET);
  SSL_set_num_tickets(ssl, 0);
}

/// Does the handshake with its faults. Returns why it failed; empty when it is complete.
std::string AcceptChanged(SSL* ssl, HandshakeNotes& notes, const WaitLimit& limit) {
  const TlsFaults& faults = *notes.faults;
  const auto& opening = faults.opening;
  if (opening && opening->trigger->Happens(notes.connection) &&
      !PlayOpening(opening->how, SSL_get_fd(ssl), limit)) {
    return "ended by the plan before TLS";
  }
  if (faults.change_handshake()) ForbidResumption(ssl);
  for (const ConnectionChange& change : faults.connection_changes) change(ssl, notes);
  std::optional<Flight> flight;
  if (faults.flight && faults.flight->trigger->Take(notes.connection)) {
    flight.emplace(ssl, *faults.flight, notes);
  }
  std::string reason = Accept(ssl, flight ? &*flight : nullptr, limit);
  if (reason.empty() && notes.refused) return Refuse(ssl, *faults.refusal, notes);
  const bool needs_h2 = notes.alpn == HandshakeNotes::Alpn::h2;
  if (reason.empty() && needs_h2 && AlpnOf(ssl) != "h2") return EndWithoutH2(ssl);
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
                               const WaitLimit& limit) const {
  HandshakeNotes notes{.connection = connection, .faults = &faults};
  SSL_set_app_data(ssl, &notes);
  TlsResult result;
  result.reason = AcceptChanged(ssl, notes, limit);
  SSL_set_app_data(ssl, nullptr);
  result.accepted = result.reason.empty();
  result.protocol = SSL_get_version(ssl);
  result.alpn = AlpnOf(ssl);
  result.peer_subject = PeerSubject(ssl, notes);
  return result;
}

}  // namespace zlayer::fakes::daemon
