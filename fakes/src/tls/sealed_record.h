// Makes encrypted TLS 1.3 records that OpenSSL cannot be made to send.

#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace zlayer::fakes::daemon {

/// An encrypted record (RFC 8446, 5.2). `secret` is the sender's handshake or application traffic
/// secret; `sequence` is the number of records that the sender has already sent with it. Empty when
/// the record cannot be made.
std::string SealedRecord(const SSL* ssl, std::string_view secret, std::uint64_t sequence,
                         std::uint8_t content_type, std::string_view content);

/// A fatal alert as the first record after the handshake, so nothing must have been sent with
/// `traffic_secret` before. Empty when it cannot be made.
std::string FatalAlertRecord(const SSL* ssl, std::string_view traffic_secret, std::uint8_t alert);

}  // namespace zlayer::fakes::daemon
