// An alert that OpenSSL has no way to send.

#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace zlayer::fakes {

/// The server's first TLS 1.3 record after its handshake (RFC 8446, 5.2), encrypted: a fatal alert.
/// `server_secret` is SERVER_TRAFFIC_SECRET_0, and nothing may have been sent under it. Empty when
/// the record cannot be made.
std::string FatalAlertRecord(const SSL* ssl, std::string_view server_secret, std::uint8_t alert);

}  // namespace zlayer::fakes
