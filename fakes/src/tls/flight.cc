#include "fakes/src/tls/flight.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <string_view>

#include "fakes/src/tls/handshake_message.h"
#include "fakes/src/tls/sealed_record.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsHandshake;

/// The message's type in TLS (RFC 8446, 4).
int TypeOf(TlsHandshake::Message message) {
  switch (message) {
    case TlsHandshake::ENCRYPTED_EXTENSIONS:
      return SSL3_MT_ENCRYPTED_EXTENSIONS;
    case TlsHandshake::CERTIFICATE_REQUEST:
      return SSL3_MT_CERTIFICATE_REQUEST;
    case TlsHandshake::CERTIFICATE:
      return SSL3_MT_CERTIFICATE;
    case TlsHandshake::CERTIFICATE_VERIFY:
      return SSL3_MT_CERTIFICATE_VERIFY;
    case TlsHandshake::FINISHED:
      return SSL3_MT_FINISHED;
    default:
      return SSL3_MT_SERVER_HELLO;
  }
}

/// Blocks while the socket is full. A flight is a few KiB and fits into the socket's buffer, so
/// this waits only for a peer that reads nothing.
void SendAll(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      pollfd writable{.fd = socket, .events = POLLOUT, .revents = 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;  // the next read reports the error
    }
  }
}

/// OpenSSL calls this for each message that it writes or reads; keeps the types of those written.
void NoteMessage(int sent, int /*version*/, int content_type, const void* bytes, size_t size,
                 SSL* /*ssl*/, void* notes) {
  if (sent != 1 || content_type != SSL3_RT_HANDSHAKE || size == 0) return;
  static_cast<HandshakeNotes*>(notes)->messages_sent.push_back(
      *static_cast<const unsigned char*>(bytes));
}

}  // namespace

Flight::Flight(SSL* ssl, const BrokenFlight& fault, HandshakeNotes& notes)
    : ssl_(ssl),
      socket_(SSL_get_fd(ssl)),
      memory_(BIO_new(BIO_s_mem())),
      fault_(fault),
      notes_(notes),
      random_(fault.trigger->RandomFor(0)) {
  SSL_set0_wbio(ssl_, memory_);
  SSL_set_msg_callback(ssl_, &NoteMessage);
  SSL_set_msg_callback_arg(ssl_, &notes);
}

Flight::~Flight() {
  SSL_set_msg_callback(ssl_, nullptr);
  SSL_set0_wbio(ssl_, BIO_new_socket(socket_, BIO_NOCLOSE));
}

Flight::State Flight::Send() {
  char* written = nullptr;
  const long size = BIO_get_mem_data(memory_, &written);
  unsent_.append(written, static_cast<size_t>(size));
  (void)BIO_reset(memory_);
  while (state_ == State::goes_on) {
    std::string record = FirstRecord(unsent_);
    if (record.empty()) break;
    unsent_.erase(0, record.size());
    state_ = SendRecord(std::move(record));
  }
  return state_;
}

Flight::State Flight::SendRecord(std::string record) {
  const bool broken = HoldsTarget(record);
  const State state = broken ? Break(record) : State::goes_on;
  if (!broken) SendAll(socket_, record);
  if (record[0] == SSL3_RT_APPLICATION_DATA) ++encrypted_;
  return state;
}

bool Flight::HoldsTarget(const std::string& record) {
  const bool holds_message =
      record[0] == SSL3_RT_HANDSHAKE || record[0] == SSL3_RT_APPLICATION_DATA;
  if (!holds_message || messages_ == notes_.messages_sent.size()) return false;
  return notes_.messages_sent[messages_++] == TypeOf(fault_.what.at());
}

Flight::State Flight::Break(std::string record) {
  fault_.trigger->Fired();
  switch (fault_.what.how()) {
    case TlsHandshake::STALL:
      return State::stalled;
    case TlsHandshake::CLOSE:
      return State::closed;
    case TlsHandshake::CLOSE_AFTER:
      SendAll(socket_, record);
      return State::closed;
    case TlsHandshake::TRUNCATE:
      SendAll(socket_, record.substr(0, record.size() / 2));
      return State::closed;
    case TlsHandshake::FLIP:
      record.back() = static_cast<char>(record.back() ^ 1);
      SendAll(socket_, record);
      return State::goes_on;
    default:
      SendAll(socket_, Forged());
      return State::goes_on;
  }
}

std::string Flight::Forged() {
  std::string message;
  if (fault_.what.at() == TlsHandshake::FINISHED) {
    const auto* digest = SSL_CIPHER_get_handshake_digest(SSL_get_current_cipher(ssl_));
    message = HandshakeMessage(SSL3_MT_FINISHED,
                               std::string(static_cast<size_t>(EVP_MD_get_size(digest)), 'x'));
  } else if (fault_.what.how() == TlsHandshake::EMPTY) {
    message = CertificateMessage("");
  } else {
    std::string der(64, '\0');
    for (char& byte : der) byte = static_cast<char>(random_.Next());
    der[0] = 0x04;  // an OCTET STRING where DER needs a SEQUENCE: never valid by chance
    message = CertificateMessage(der);
  }
  return SealedRecord(ssl_, notes_.handshake_secret, encrypted_, SSL3_RT_HANDSHAKE, message);
}

}  // namespace zlayer::fakes::daemon
