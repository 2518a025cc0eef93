// TLS 1.3 records that OpenSSL has no way to send.

#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace zlayer::fakes {

/// A record (RFC 8446, 5.2), encrypted. `secret`: the sender's handshake or application traffic
/// secret; `sequence`: how many records it sent under that before. Empty when it cannot be made.
std::string SealedRecord(const SSL* ssl, std::string_view secret, std::uint64_t sequence,
                         std::uint8_t content_type, std::string_view content);

/// The first record after the handshake, where nothing was sent under `traffic_secret`: a fatal
/// alert. Empty when it cannot be made.
std::string FatalAlertRecord(const SSL* ssl, std::string_view traffic_secret, std::uint8_t alert);

}  // namespace zlayer::fakes
