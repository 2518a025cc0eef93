// What a plan changes in the TLS of an honest peer.

#pragma once

#include <cstdint>
#include <optional>

#include "fakes/src/faults/trigger.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes {

/// A client certificate is refused although it is good.
struct ClientRefusal {
  /// X509_V_ERR_...: fails the verification, and OpenSSL sends the alert that belongs to it.
  /// X509_V_OK: the handshake is let through and ended afterwards, by `alert`.
  int verify_error = 0;
  /// 0: none, the connection is just closed.
  std::uint8_t alert = 0;
  TriggerPtr trigger = {};  ///< an occasion: a client's certificate has come
};

/// Another certificate than the material's is presented.
struct PresentedIdentity {
  Identity identity;
  TriggerPtr trigger;  ///< an occasion: the server is about to choose its certificate
};

struct TlsFaults {
  std::optional<PresentedIdentity> presented;
  std::optional<ClientRefusal> refusal;
  TriggerPtr plaintext;  ///< no TLS at all; an occasion: a connection; null: never
};

}  // namespace zlayer::fakes
