#include "fakes/src/tls/opening.h"

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <string_view>

namespace zlayer::fakes::daemon {
namespace {

using v1::TlsOpening;

constexpr std::string_view kBanner = "220 zlayer-buildd ready\r\n";
constexpr std::string_view kHttp1 =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr char kAlert[] = {SSL3_RT_ALERT, 3, 3, 0, 2, SSL3_AL_FATAL, SSL_AD_HANDSHAKE_FAILURE};

/// Sends without waiting: nothing was sent before, so the bytes fit into the socket's buffer.
void Send(int socket, std::string_view bytes) {
  (void)!send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

/// Waits for the client's first bytes, then sends the answer.
void Answer(int socket, const WaitLimit& limit, std::string_view bytes) {
  if (WaitFor(socket, POLLIN, limit)) Send(socket, bytes);
}

}  // namespace

bool PlayOpening(TlsOpening::How how, int socket, const WaitLimit& limit) {
  switch (how) {
    case TlsOpening::BANNER:
      Send(socket, kBanner);
      return true;
    case TlsOpening::HTTP_1:
      Answer(socket, limit, kHttp1);
      return false;
    case TlsOpening::ALERT:
      Answer(socket, limit, {kAlert, sizeof kAlert});
      return false;
    default:
      return false;
  }
}

}  // namespace zlayer::fakes::daemon
