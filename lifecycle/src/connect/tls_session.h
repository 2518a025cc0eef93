// One TLS connection's state, apart from any socket: bytes of the network go in and out through
// memory.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lifecycle/src/credentials/openssl_ptr.h"
#include "lifecycle/src/credentials/tls_set.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The client's settings: TLS 1.3 at least, ALPN h2, our certificate, the server verified against
/// the CA. ErrorKind::tls_material names the file that OpenSSL's TLS does not take.
Result<SslContextPtr> MakeTlsContext(const TlsSet& set);

/// Why a TLS connection ended, and who ended it.
struct TlsEnd {
  enum class By {
    us,        // we did not accept the peer, or what it sent
    peer,      // it sent an alert
    closed,    // the connection ended without an alert
    finished,  // close_notify, or our own Close
    channel    // gRPC's channel gave it up
  };
  By by;
  std::string reason;
  bool about_us = false;  // the peer's alert is one about certificates
};

/// Not synchronised.
class TlsSession {
 public:
  /// Verifies the server as zlayer-buildd, whatever its address.
  explicit TlsSession(SSL_CTX* context);

  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  enum class Progress { done, want_input, failed };

  Progress Handshake();
  /// Decrypts into `room`; `size` bytes of it are filled, even before a failure. `done`: the room
  /// is full and there may be more. `failed` also means a close_notify: see end().
  Progress Read(std::span<char> room, size_t* size);
  Progress Write(std::string_view plain);
  void SendCloseNotify();

  /// Bytes from the network.
  void Feed(std::string_view cipher);
  /// The network's end of file, or the errno that ended it.
  void FeedEnd(int error);
  /// Bytes for the network: all that wait, until TakeOutput.
  std::string_view Output() const;
  void TakeOutput(size_t bytes);

  /// Why it failed, after Progress::failed or FeedEnd.
  const std::optional<TlsEnd>& end() const { return end_; }
  /// After the handshake: whether the server asked for our certificate.
  bool asked_for_certificate() const { return asked_for_certificate_; }
  /// One line on the certificate that was refused, empty when none was.
  const std::string& refused_certificate() const { return refused_certificate_; }

 private:
  static int OnVerify(int accepted, X509_STORE_CTX* store);
  static void OnInfo(const SSL* ssl, int where, int value);
  static int OnCertificateRequest(SSL* ssl, void* session);

  Progress Explain(int result);
  TlsEnd WhyFailed();

  SslPtr ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  std::optional<TlsEnd> end_;
  std::string refused_certificate_;
  bool asked_for_certificate_ = false;
  int alert_received_ = -1;  // description of the last fatal alert; -1: none
};

}  // namespace zlayer::sidecar
