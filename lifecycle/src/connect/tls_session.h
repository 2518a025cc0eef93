// The client's side of one TLS connection, without a socket: ciphertext goes in and out through
// memory. During the handshake dial.cc does the I/O, afterwards TlsRelay.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "lifecycle/src/credentials/openssl_ptr.h"
#include "lifecycle/src/credentials/tls_set.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The client's settings: TLS 1.3 at least, ALPN h2, our certificate, the server verified against
/// the CA. The message of ErrorKind::tls_material names the file that OpenSSL refuses.
Result<SslContextPtr> MakeTlsContext(const TlsSet& set);

/// Why a TLS connection ended, and who ended it.
struct TlsEnd {
  enum class By {
    us,        // we refused the peer, or what it sent
    peer,      // the peer sent an alert
    closed,    // the connection ended without an alert
    finished,  // the peer sent close_notify, or we called TlsRelay::Close
    leaving,   // the peer sent GOAWAY, and its last call has ended
    channel    // gRPC closed its end of the socket pair
  };
  By by;
  std::string reason;
  bool about_certificate = false;  // the peer's alert is one of those about certificates
  bool cut_calls = false;          // calls were under way (set by TlsRelay)
};

/// Handshake(), Read() and Write() use up what Feed() brought and may leave bytes in Output(),
/// which the caller sends. Once one of the three has failed, end() is set and the session stays
/// failed.
///
/// After the handshake a peer may send 32 handshake messages (KeyUpdate, NewSessionTicket), and one
/// more with each MiB of data; the session fails at the first beyond. Each costs us as much as
/// thousands of bytes of data. A KeyUpdate can also demand an answer, which stays in our memory
/// until the peer reads. Honest servers send one or two tickets, and new keys after gigabytes.
///
/// Not synchronised.
class TlsSession {
 public:
  /// Verifies the server as zlayer-buildd, whatever its address.
  explicit TlsSession(SSL_CTX* context);

  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// want_input: call again after Feed.
  enum class Progress { done, want_input, failed };

  Progress Handshake();
  /// Decrypts into `buffer` and sets `size` to the number of bytes there, also on failure. done:
  /// there may be more; `buffer` is full, or many small records were read. failed: see end(); it
  /// may be the peer's close_notify.
  Progress Read(std::span<char> buffer, size_t* size);
  /// Encrypts all of `plain`.
  Progress Write(std::string_view plain);
  /// Adds close_notify to Output(), unless the session has ended.
  void SendCloseNotify();

  /// Bytes from the network.
  void Feed(std::string_view cipher);
  /// The network's end of file, or the errno that ended it.
  void FeedEnd(int error);
  /// Bytes for the network that TakeOutput has not removed. Valid until another method is called.
  std::string_view Output() const;
  void TakeOutput(size_t bytes);

  /// Why the session ended: set after Progress::failed or FeedEnd.
  const std::optional<TlsEnd>& end() const { return end_; }
  /// After the handshake: whether the server asked for our certificate.
  bool asked_for_certificate() const { return asked_for_certificate_; }
  /// Describes, in one line, the certificate that we refused; empty if there was none.
  const std::string& refused_certificate() const { return refused_certificate_; }

 private:
  static int OnVerify(int accepted, X509_STORE_CTX* store);
  static void OnInfo(const SSL* ssl, int where, int value);
  static int OnCertificateRequest(SSL* ssl, void* session);
  static void OnMessage(int sent, int version, int type, const void* bytes, size_t size, SSL* ssl,
                        void* session);

  void CountData(size_t bytes);
  /// What a `result` other than 1 of an SSL function means.
  Progress ProgressAfter(int result);
  TlsEnd WhyFailed();

  SslPtr ssl_;
  BIO* in_;   // owned by ssl_
  BIO* out_;  // owned by ssl_
  std::optional<TlsEnd> end_;
  std::string refused_certificate_;
  bool asked_for_certificate_ = false;
  int alert_received_ = -1;  // the last alert other than close_notify; -1: none
  bool established_ = false;
  std::int64_t messages_left_;       // handshake messages that the peer may still send
  std::uint64_t data_received_ = 0;  // since messages_left_ was raised the last time
};

}  // namespace zlayer::sidecar
