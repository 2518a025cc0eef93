#include "fakes/src/tls/handshake_message.h"

#include <openssl/ssl3.h>

namespace zlayer::fakes::daemon {
namespace {

constexpr size_t kRecordHeader = 5;

std::string Prefixed(size_t prefix_size, const std::string& content) {
  std::string prefixed;
  for (size_t i = prefix_size; i-- > 0;) {
    prefixed += static_cast<char>(content.size() >> (8 * i));
  }
  return prefixed + content;
}

}  // namespace

std::string FirstRecord(std::string_view bytes) {
  if (bytes.size() < kRecordHeader) return "";
  const size_t size = kRecordHeader + 256 * static_cast<unsigned char>(bytes[3]) +
                      static_cast<unsigned char>(bytes[4]);
  return bytes.size() < size ? "" : std::string(bytes.substr(0, size));
}

std::string HandshakeMessage(int type, const std::string& content) {
  return static_cast<char>(type) + Prefixed(3, content);
}

std::string CertificateMessage(const std::string& der) {
  const std::string entry = der.empty() ? "" : Prefixed(3, der) + Prefixed(2, "");
  return HandshakeMessage(SSL3_MT_CERTIFICATE, Prefixed(1, "") + Prefixed(3, entry));
}

}  // namespace zlayer::fakes::daemon
