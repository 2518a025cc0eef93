// The bytes of TLS records and handshake messages.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::fakes {

/// The first whole record of `bytes`; empty when there is none.
std::string FirstRecord(std::string_view bytes);

/// RFC 8446, 4.
std::string HandshakeMessage(int type, const std::string& content);

/// RFC 8446, 4.4.2: no request context, one entry of a certificate and no extensions. No `der`: no
/// entry.
std::string CertificateMessage(const std::string& der);

}  // namespace zlayer::fakes
