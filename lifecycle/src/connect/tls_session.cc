#include "lifecycle/src/connect/tls_session.h"

#include <openssl/x509v3.h>

#include <algorithm>
#include <array>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/credentials/certificate_text.h"

namespace zlayer::sidecar {
namespace {

constexpr std::array<unsigned char, 3> kAlpn{2, 'h', '2'};

/// Handshake messages that a peer may send after the handshake, and the data that earns it one
/// more: see the class TlsSession. OpenSSL itself sets no limit.
constexpr std::int64_t kMessagesAllowed = 32;
constexpr std::uint64_t kDataForAMessage = 1024 * 1024;

/// The records of one Read: small ones cost the more time per byte, so bytes alone bound no time.
constexpr int kRecordsAtOnce = 256;

tl::unexpected<LifecycleError> Unusable(const std::string& path) {
  return Fail(ErrorKind::tls_material, "{}: TLS cannot use it: {}", path, TakeOpensslError());
}

/// Whether a root of the set issued our leaf. The leaf is then sent alone: a server that trusts us
/// has the root.
bool IssuedByRoot(const TlsSet& set) {
  return std::any_of(set.authorities.begin(), set.authorities.end(), [&](const X509Ptr& issuer) {
    return (::X509_get_extension_flags(issuer.get()) & EXFLAG_SS) != 0 &&
           ::X509_check_issued(issuer.get(), set.chain.front().get()) == X509_V_OK;
  });
}

/// Alerts of RFC 8446, section 6.2. A server sends decrypt_error, too, when its copy of our CA has
/// another key.
bool IsAboutCertificates(int alert) {
  switch (alert) {
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_ACCESS_DENIED:
    case SSL_AD_DECRYPT_ERROR:
    case SSL_AD_CERTIFICATE_REQUIRED:
      return true;
    default:
      return false;
  }
}

std::string DescribeAlert(int alert) {
  std::string name = fmt::format("TLS alert \"{}\"", ::SSL_alert_desc_string_long(alert));
  if (alert == SSL_AD_PROTOCOL_VERSION) return name + ": it does not speak TLS 1.3";
  if (alert == SSL_AD_HANDSHAKE_FAILURE) return name + ": most likely we share no cipher suite";
  return name;
}

/// The index of SSL's ex_data under which OnVerify and OnInfo find the TlsSession.
int SessionIndex() {
  static const int index = ::SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

}  // namespace

Result<SslContextPtr> MakeTlsContext(const TlsSet& set) {
  ::ERR_clear_error();
  SslContextPtr context(::SSL_CTX_new(::TLS_client_method()));
  if (!context) {
    return Fail(ErrorKind::tls_material, "OpenSSL cannot start: {}", TakeOpensslError());
  }
  SSL_CTX* raw = context.get();
  SSL_CTX_set_min_proto_version(raw, TLS1_3_VERSION);
  ::SSL_CTX_set_alpn_protos(raw, kAlpn.data(), kAlpn.size());
  ::SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  for (const X509Ptr& authority : set.authorities) {
    if (::X509_STORE_add_cert(::SSL_CTX_get_cert_store(raw), authority.get()) != 1) {
      return Unusable(set.paths.ca);
    }
  }
  if (::SSL_CTX_use_certificate(raw, set.chain.front().get()) != 1) return Unusable(set.paths.cert);
  for (size_t i = 1; i < set.chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(raw, set.chain[i].get()) != 1) return Unusable(set.paths.cert);
  }
  if (::SSL_CTX_use_PrivateKey(raw, set.key.get()) != 1) return Unusable(set.paths.key);
  // Without this mode OpenSSL verifies our own certificate in each handshake, to build the chain
  // that it sends, and sends the root as well.
  if (IssuedByRoot(set)) SSL_CTX_set_mode(raw, SSL_MODE_NO_AUTO_CHAIN);
  return context;
}

TlsSession::TlsSession(SSL_CTX* context)
    : ssl_(::SSL_new(context)),
      in_(::BIO_new(::BIO_s_mem())),
      out_(::BIO_new(::BIO_s_mem())),
      messages_left_(kMessagesAllowed) {
  ::SSL_set_bio(ssl_.get(), in_, out_);
  ::SSL_set_connect_state(ssl_.get());
  ::SSL_set_ex_data(ssl_.get(), SessionIndex(), this);
  ::SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, &TlsSession::OnVerify);
  ::SSL_set_info_callback(ssl_.get(), &TlsSession::OnInfo);
  ::SSL_set_cert_cb(ssl_.get(), &TlsSession::OnCertificateRequest, this);
  ::SSL_set_msg_callback(ssl_.get(), &TlsSession::OnMessage);
  ::SSL_ctrl(ssl_.get(), SSL_CTRL_SET_MSG_CALLBACK_ARG, 0, this);
  ::SSL_set_hostflags(ssl_.get(),
                      X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS);
  ::SSL_set1_host(ssl_.get(), kSidecarName);
  // What SSL_set_tlsext_host_name does, without the C cast of its macro.
  ::SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(kSidecarName));
}

int TlsSession::OnVerify(int accepted, X509_STORE_CTX* store) {
  if (accepted) return 1;
  const auto* ssl = static_cast<SSL*>(
      ::X509_STORE_CTX_get_ex_data(store, ::SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* session = static_cast<TlsSession*>(::SSL_get_ex_data(ssl, SessionIndex()));
  if (X509* certificate = ::X509_STORE_CTX_get_current_cert(store)) {
    session->refused_certificate_ = DescribeCertificate(certificate);
  }
  return 0;
}

void TlsSession::OnInfo(const SSL* ssl, int where, int value) {
  constexpr int kCloseNotify = 0;
  const int description = value & 0xff;
  if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || description == kCloseNotify) return;
  static_cast<TlsSession*>(::SSL_get_ex_data(ssl, SessionIndex()))->alert_received_ = description;
}

/// OpenSSL calls it only if the server has sent a CertificateRequest.
int TlsSession::OnCertificateRequest(SSL* /*ssl*/, void* session) {
  static_cast<TlsSession*>(session)->asked_for_certificate_ = true;
  return 1;
}

/// OpenSSL calls it for each message that it has read or written. SSL_read_ex goes on to the next
/// message until it has data or no input. So the messages beyond the limit are taken away from it.
void TlsSession::OnMessage(int sent, int /*version*/, int type, const void* /*bytes*/,
                           size_t /*size*/, SSL* /*ssl*/, void* session) {
  auto* self = static_cast<TlsSession*>(session);
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || !self->established_) return;
  if (--self->messages_left_ < 0) (void)BIO_reset(self->in_);
}

TlsSession::Progress TlsSession::Handshake() {
  if (end_) return Progress::failed;
  // Here and before each call below: SSL_get_error would take an error that an earlier call left in
  // this thread's queue for one of this connection.
  ::ERR_clear_error();
  const int result = ::SSL_do_handshake(ssl_.get());
  if (result != 1) return ProgressAfter(result);
  const unsigned char* protocol = nullptr;
  unsigned length = 0;
  ::SSL_get0_alpn_selected(ssl_.get(), &protocol, &length);
  if (std::string_view(reinterpret_cast<const char*>(protocol), length) != "h2") {
    end_ = {TlsEnd::By::us, "it did not agree to speak h2 (ALPN)"};
    return Progress::failed;
  }
  established_ = true;
  return Progress::done;
}

TlsSession::Progress TlsSession::Read(std::span<char> buffer, size_t* size) {
  *size = 0;
  if (end_) return Progress::failed;
  for (int record = 0; record < kRecordsAtOnce && *size < buffer.size(); ++record) {
    ::ERR_clear_error();
    size_t got = 0;
    const int result =
        ::SSL_read_ex(ssl_.get(), buffer.data() + *size, buffer.size() - *size, &got);
    if (messages_left_ < 0) {
      end_ = {TlsEnd::By::us, "it floods the connection with TLS key updates or session tickets"};
      return Progress::failed;
    }
    if (result != 1) return ProgressAfter(result);
    *size += got;
    CountData(got);
  }
  return Progress::done;
}

void TlsSession::CountData(size_t bytes) {
  data_received_ += bytes;
  messages_left_ += static_cast<std::int64_t>(data_received_ / kDataForAMessage);
  data_received_ %= kDataForAMessage;
  messages_left_ = std::min(messages_left_, kMessagesAllowed);
}

TlsSession::Progress TlsSession::Write(std::string_view plain) {
  if (end_) return Progress::failed;
  ::ERR_clear_error();
  size_t all = 0;
  const int result = ::SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &all);
  return result == 1 ? Progress::done : ProgressAfter(result);
}

void TlsSession::SendCloseNotify() {
  ::ERR_clear_error();
  if (!end_) ::SSL_shutdown(ssl_.get());
  ::ERR_clear_error();
}

void TlsSession::Feed(std::string_view cipher) {
  ::BIO_write(in_, cipher.data(), static_cast<int>(cipher.size()));
}

void TlsSession::FeedEnd(int error) {
  if (end_) return;
  end_ = {TlsEnd::By::closed, error == 0
                                  ? "it closed the connection without an alert"
                                  : fmt::format("the connection broke: {}", ErrnoText(error))};
}

std::string_view TlsSession::Output() const {
  char* data = nullptr;
  const long size = BIO_get_mem_data(out_, &data);
  return {data, static_cast<size_t>(size)};
}

void TlsSession::TakeOutput(size_t bytes) {
  std::array<char, 16 * 1024> sink;
  for (size_t taken = 0; bytes > 0; bytes -= taken) {
    if (::BIO_read_ex(out_, sink.data(), std::min(bytes, sink.size()), &taken) != 1) return;
  }
}

TlsSession::Progress TlsSession::ProgressAfter(int result) {
  switch (::SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Progress::want_input;
    case SSL_ERROR_ZERO_RETURN:
      end_ = {TlsEnd::By::finished, "it closed the connection"};
      return Progress::failed;
    default:
      end_ = WhyFailed();
      return Progress::failed;
  }
}

/// In this order: the peer's alert, our verification of its certificate, OpenSSL's other errors.
TlsEnd TlsSession::WhyFailed() {
  if (alert_received_ >= 0) {
    return {TlsEnd::By::peer, DescribeAlert(alert_received_), IsAboutCertificates(alert_received_)};
  }
  if (const long verdict = ::SSL_get_verify_result(ssl_.get()); verdict != X509_V_OK) {
    return {TlsEnd::By::us, ::X509_verify_cert_error_string(verdict)};
  }
  const unsigned long error = ::ERR_peek_error();
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) == ERR_LIB_ASN1) {
    return {TlsEnd::By::us, fmt::format("its certificate cannot be read ({})", TakeOpensslError())};
  }
  // What OpenSSL finds when it reads the first bytes of plaintext as the header of a TLS record.
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_PACKET_LENGTH_TOO_LONG) {
    return {TlsEnd::By::us, fmt::format("it does not speak TLS ({})", TakeOpensslError())};
  }
  return {TlsEnd::By::us, fmt::format("it breaks the TLS protocol ({})", TakeOpensslError())};
}

}  // namespace zlayer::sidecar
