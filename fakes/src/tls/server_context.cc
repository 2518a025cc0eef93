#include "fakes/src/tls/server_context.h"

#include <time.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "fakes/src/tls/client_judgement.h"
#include "fakes/src/tls/material.h"
#include "fakes/src/tls/pem.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};

HandshakeNotes* NotesOf(const SSL* ssl) {
  return static_cast<HandshakeNotes*>(SSL_get_app_data(ssl));
}

void Fire(std::vector<TriggerPtr>& triggers) {
  for (const TriggerPtr& trigger : std::exchange(triggers, {})) trigger->Fired();
}

/// OpenSSL calls this with every ClientHello, before it looks at it.
int MeetHello(SSL* ssl, int* /*alert*/, void* /*context*/) {
  Fire(NotesOf(ssl)->fires_at_hello);
  return SSL_CLIENT_HELLO_SUCCESS;
}

/// True when the offer, a list of names with one byte of length before each, has `name`.
bool Offers(std::string_view offered, std::string_view name) {
  while (!offered.empty()) {
    const auto size = static_cast<unsigned char>(offered.front());
    if (offered.substr(1, size) == name) return true;
    offered.remove_prefix(std::min<size_t>(offered.size(), 1 + size_t{size}));
  }
  return false;
}

/// Selects h2. A client that offers http/1.1 instead gets no answer, as from Go's crypto/tls, and
/// TlsServer ends its connection after the handshake. Any other gets the alert
/// no_application_protocol.
int SelectAlpn(SSL* ssl, const unsigned char** selected, unsigned char* selected_size,
               const unsigned char* offered, unsigned int offered_size, void* /*context*/) {
  constexpr std::string_view kHttp1 = "http/1.1";
  const HandshakeNotes::Alpn answer = NotesOf(ssl)->alpn;
  Fire(NotesOf(ssl)->fires_at_alpn);
  if (answer == HandshakeNotes::Alpn::unanswered) return SSL_TLSEXT_ERR_NOACK;
  if (answer == HandshakeNotes::Alpn::http_1_1) {
    *selected = reinterpret_cast<const unsigned char*>(kHttp1.data());
    *selected_size = kHttp1.size();
    return SSL_TLSEXT_ERR_OK;
  }
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, selected_size, kAlpn, sizeof kAlpn, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    const std::string_view names(reinterpret_cast<const char*>(offered), offered_size);
    return Offers(names, kHttp1) ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Judges the client's chain, by the wrong clock when that fault happens. The client meets the
/// fault only if the clock changes the verdict.
int JudgeByClock(X509_STORE_CTX* chain, const HandshakeNotes& notes) {
  const auto& clock = notes.faults->clock;
  const time_t now = time(nullptr);
  if (!clock || !clock->trigger->Take(notes.connection)) return Judge(chain, now);
  const time_t wrong = now + clock->offset_secs;
  const int verdict = Judge(chain, wrong);
  if (DatesDecide(chain, verdict, wrong, now)) clock->trigger->Fired();
  return verdict;
}

/// OpenSSL calls this in place of its own verification when the client's chain has come. It runs on
/// the connection's thread.
int VerifyClient(X509_STORE_CTX* chain, void* /*context*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  HandshakeNotes& notes = *NotesOf(ssl);
  notes.peer_subject = SubjectOf(X509_STORE_CTX_get0_cert(chain));
  if (notes.accepts_any_client) return 1;
  const auto& refusal = notes.faults->refusal;
  if (!refusal || !refusal->trigger->Take(notes.connection)) {
    const int defect = JudgeByClock(chain, notes);
    if (defect == X509_V_OK) return 1;
    notes.why_refused = X509_verify_cert_error_string(defect);
    X509_STORE_CTX_set_error(chain, ErrorWithAlertOf(defect));
    return 0;
  }
  notes.refused = true;
  if (refusal->verify_error == X509_V_OK) return 1;
  refusal->trigger->Fired();
  notes.why_refused = X509_verify_cert_error_string(refusal->verify_error);
  X509_STORE_CTX_set_error(chain, refusal->verify_error);
  return 0;
}

int Present(SSL* ssl, const PresentedIdentity& presented) {
  const Identity& other = presented.identity;
  // OpenSSL keeps one certificate for each kind of key and could choose the old one.
  SSL_certs_clear(ssl);
  if (SSL_use_cert_and_key(ssl, other.certificate.get(), other.key.get(), nullptr, 1) != 1) {
    return 0;
  }
  for (const CertificatePtr& issuer : other.chain) SSL_add1_chain_cert(ssl, issuer.get());
  return 1;
}

/// OpenSSL calls this when the server is about to make its first flight. Replaces its certificate
/// when the fault happens.
int BeginFlight(SSL* ssl, void* /*context*/) {
  HandshakeNotes& notes = *NotesOf(ssl);
  Fire(notes.fires_at_flight);
  const auto& presented = notes.faults->presented;
  return presented && presented->trigger->Happens(notes.connection) ? Present(ssl, *presented) : 1;
}

/// OpenSSL calls this with each secret, as a line of an NSS key log: "LABEL client-random secret".
/// Keeps the two secrets of the server that SealedRecord() needs.
void KeepServerSecrets(const SSL* ssl, const char* line) {
  if (!NotesOf(ssl) || !NotesOf(ssl)->faults->needs_secrets()) return;
  const std::string_view text(line);
  const std::string_view label = text.substr(0, text.find(' '));
  std::string* kept = nullptr;
  if (label == "SERVER_HANDSHAKE_TRAFFIC_SECRET") kept = &NotesOf(ssl)->handshake_secret;
  if (label == "SERVER_TRAFFIC_SECRET_0") kept = &NotesOf(ssl)->traffic_secret;
  if (!kept) return;
  long size = 0;
  unsigned char* secret =
      OPENSSL_hexstr2buf(std::string(text.substr(text.rfind(' ') + 1)).c_str(), &size);
  if (!secret) return;
  kept->assign(reinterpret_cast<char*>(secret), static_cast<size_t>(size));
  OPENSSL_clear_free(secret, static_cast<size_t>(size));
}

/// The order of Go, whose server prefers AES unless its client puts ChaCha20 first.
constexpr char kSuites[] =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr char kGroups[] = "X25519:P-256:P-384:P-521";
/// What a client's certificate may sign with. The daemon takes no SHA-1.
constexpr char kSignatures[] =
    "rsa_pss_rsae_sha256:ecdsa_secp256r1_sha256:ed25519:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
    "rsa_pkcs1_sha256:rsa_pkcs1_sha384:rsa_pkcs1_sha512:ecdsa_secp384r1_sha384:"
    "ecdsa_secp521r1_sha512";

/// Go has no limits on the size of a key like OpenSSL's security levels; JudgeChain() refuses weak
/// digests instead.
void SpeakAsGo(SSL_CTX* context) {
  SSL_CTX_set_security_level(context, 0);
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, kSuites);
  SSL_CTX_set1_groups_list(context, kGroups);
  SSL_CTX_set1_client_sigalgs_list(context, kSignatures);
  SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
}

/// One ticket for each connection, which a client may resume for a week.
void SendTickets(SSL_CTX* context) {
  constexpr unsigned char kName[] = "zlayer-buildd";  // without one, OpenSSL refuses to resume
  constexpr long kWeekSecs = 7 * 24 * 3600;
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, kName, sizeof kName - 1);
  SSL_CTX_set_timeout(context, kWeekSecs);
  SSL_CTX_set_num_tickets(context, 1);
}

}  // namespace

Result<SslContextPtr> NewServerContext(const TlsPaths& paths) {
  // Do not load openssl.cnf: the fake must behave the same on every machine, and start fast.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return StartFailed("TLS cannot be set up: " + TakeOpensslError());
  SSL_CTX* raw = context.get();
  SpeakAsGo(raw);
  SendTickets(raw);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  RelaxVerification(SSL_CTX_get0_param(raw));
  SSL_CTX_set_client_hello_cb(raw, &MeetHello, nullptr);
  SSL_CTX_set_alpn_select_cb(raw, &SelectAlpn, nullptr);
  SSL_CTX_set_cert_verify_callback(raw, &VerifyClient, nullptr);
  SSL_CTX_set_cert_cb(raw, &BeginFlight, nullptr);
  SSL_CTX_set_keylog_callback(raw, &KeepServerSecrets);
  if (const auto used = UseMaterial(raw, paths); !used) return tl::unexpected(used.error());
  return context;
}

}  // namespace zlayer::fakes::daemon
