#include "fakes/src/tls/server_context.h"

#include <time.h>

#include <algorithm>
#include <string_view>

#include "fakes/src/tls/judged_dates.h"
#include "fakes/src/tls/pem.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr unsigned char kAlpn[] = {2, 'h', '2'};

HandshakeNotes* NotesOf(const SSL* ssl) {
  return static_cast<HandshakeNotes*>(SSL_get_app_data(ssl));
}

std::string SubjectOf(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, static_cast<size_t>(size));
}

/// Refuses a client that offers no ALPN protocol. SelectAlpn() cannot: OpenSSL calls it only when
/// the client offers some.
int RequireAlpn(SSL* ssl, int* alert, void* /*context*/) {
  const unsigned char* extension = nullptr;
  size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &extension,
                                &size) == 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  ERR_raise(ERR_LIB_SSL, SSL_R_NO_APPLICATION_PROTOCOL);
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

int SelectAlpn(SSL* ssl, const unsigned char** selected, unsigned char* selected_size,
               const unsigned char* offered, unsigned int offered_size, void* /*context*/) {
  constexpr std::string_view kHttp1 = "http/1.1";
  const HandshakeNotes::Alpn answer = NotesOf(ssl)->alpn;
  if (answer == HandshakeNotes::Alpn::unanswered) return SSL_TLSEXT_ERR_NOACK;
  if (answer == HandshakeNotes::Alpn::http_1_1) {
    *selected = reinterpret_cast<const unsigned char*>(kHttp1.data());
    *selected_size = kHttp1.size();
    return SSL_TLSEXT_ERR_OK;
  }
  unsigned char* found = nullptr;
  if (SSL_select_next_proto(&found, selected_size, kAlpn, sizeof kAlpn, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *selected = found;
  return SSL_TLSEXT_ERR_OK;
}

/// Verifies at the time of the wrong clock. The client meets the fault only if that changes the
/// verdict.
int VerifyByClock(X509_STORE_CTX* chain, const WrongClock& clock) {
  const time_t now = time(nullptr);
  const time_t wrong = now + clock.offset_secs;
  X509_STORE_CTX_set_time(chain, 0, wrong);
  const int verdict = X509_verify_cert(chain);
  if (DatesDecide(chain, wrong, now)) clock.trigger->Fired();
  return verdict;
}

/// OpenSSL calls this in place of its own verification when the client's chain has come. Without a
/// fault, the result is OpenSSL's. It runs on the connection's thread.
int VerifyClient(X509_STORE_CTX* chain, void* /*context*/) {
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  NotesOf(ssl)->peer_subject = SubjectOf(X509_STORE_CTX_get0_cert(chain));
  if (NotesOf(ssl)->accepts_any_client) return 1;
  const auto& refusal = NotesOf(ssl)->faults->refusal;
  if (!refusal || !refusal->trigger->Take(NotesOf(ssl)->connection)) {
    const auto& clock = NotesOf(ssl)->faults->clock;
    if (!clock || !clock->trigger->Take(NotesOf(ssl)->connection)) return X509_verify_cert(chain);
    return VerifyByClock(chain, *clock);
  }
  NotesOf(ssl)->refused = true;
  if (refusal->verify_error == X509_V_OK) return 1;
  refusal->trigger->Fired();
  X509_STORE_CTX_set_error(chain, refusal->verify_error);
  return 0;
}

/// OpenSSL calls this when the server is about to send its certificate; replaces it when the fault
/// happens.
int PresentCertificate(SSL* ssl, void* /*context*/) {
  const auto& presented = NotesOf(ssl)->faults->presented;
  if (!presented || !presented->trigger->Happens(NotesOf(ssl)->connection)) return 1;
  const Identity& other = presented->identity;
  // OpenSSL keeps one certificate for each kind of key and could choose the old one.
  SSL_certs_clear(ssl);
  // The client must refuse weak keys and signatures; OpenSSL must not refuse them here.
  SSL_set_security_level(ssl, 0);
  if (SSL_use_cert_and_key(ssl, other.certificate.get(), other.key.get(), nullptr, 1) != 1) {
    return 0;
  }
  for (const CertificatePtr& issuer : other.chain) SSL_add1_chain_cert(ssl, issuer.get());
  return 1;
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

Result<void> UseMaterial(SSL_CTX* context, const TlsPaths& paths) {
  const Result<CertificatePtr> ca = ReadCertificate(paths.ca);
  if (!ca) return tl::unexpected(ca.error());
  const Result<CertificatePtr> certificate = ReadCertificate(paths.certificate);
  if (!certificate) return tl::unexpected(certificate.error());
  const Result<KeyPtr> key = ReadKey(paths.key);
  if (!key) return tl::unexpected(key.error());
  if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca->get()) != 1 ||
      SSL_CTX_add_client_CA(context, ca->get()) != 1) {
    return StartFailed(paths.ca + ": cannot be used: " + TakeOpensslError());
  }
  if (SSL_CTX_use_certificate(context, certificate->get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    return StartFailed(paths.key + ": cannot be used with " + paths.certificate + ": " +
                       TakeOpensslError());
  }
  return {};
}

}  // namespace

Result<SslContextPtr> NewServerContext(const TlsPaths& paths) {
  // Do not load openssl.cnf: the fake must behave the same on every machine, and start fast.
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context) return StartFailed("TLS cannot be set up: " + TakeOpensslError());
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(raw, 0);
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_client_hello_cb(raw, &RequireAlpn, nullptr);
  SSL_CTX_set_alpn_select_cb(raw, &SelectAlpn, nullptr);
  SSL_CTX_set_cert_verify_callback(raw, &VerifyClient, nullptr);
  SSL_CTX_set_cert_cb(raw, &PresentCertificate, nullptr);
  SSL_CTX_set_keylog_callback(raw, &KeepServerSecrets);
  if (const auto used = UseMaterial(raw, paths); !used) return tl::unexpected(used.error());
  return context;
}

}  // namespace zlayer::fakes::daemon
