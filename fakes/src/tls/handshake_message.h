// Encodes and cuts TLS records and handshake messages.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::fakes::daemon {

/// The first complete record of `bytes`; empty when it is not complete.
std::string FirstRecord(std::string_view bytes);

/// A handshake message with its header (RFC 8446, 4).
std::string HandshakeMessage(int type, const std::string& content);

/// A Certificate message (RFC 8446, 4.4.2) without a request context. Its list has one entry,
/// `der`, without extensions; an empty `der` gives an empty list.
std::string CertificateMessage(const std::string& der);

}  // namespace zlayer::fakes::daemon
