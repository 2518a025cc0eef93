// What a plan changes in the TLS of an honest peer.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

/// A client certificate is refused although it is good.
struct ClientRefusal {
  /// X509_V_ERR_...: fails the verification, and OpenSSL sends the alert that belongs to it.
  /// X509_V_OK: the handshake is let through and ended afterwards, by `alert`.
  int verify_error = 0;
  /// 0: none, the connection is just closed.
  std::uint8_t alert = 0;
  std::function<void()> fired = {};
};

/// Another certificate than the material's is presented.
struct PresentedIdentity {
  Identity identity;
  std::function<void()> fired = {};
};

/// No TLS at all.
struct Plaintext {
  std::function<void()> fired = {};
};

struct TlsFaults {
  std::optional<PresentedIdentity> presented;
  std::optional<ClientRefusal> refusal;
  std::optional<Plaintext> plaintext;
};

}  // namespace zlayer::fakes
