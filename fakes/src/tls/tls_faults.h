// What a plan changes in the TLS of an honest peer.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fakes/src/base/trigger.h"
#include "fakes/src/tls/handshake_notes.h"
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

/// The server's part of the handshake breaks.
struct BrokenFlight {
  v1::TlsHandshake what;
  TriggerPtr trigger;  ///< an occasion: a connection
};

/// Something else than TLS comes first.
struct OtherOpening {
  v1::TlsOpening::How how;
  TriggerPtr trigger;  ///< an occasion: a connection
};

/// Client certificates are judged at another time than now.
struct WrongClock {
  std::int64_t offset_secs = 0;
  TriggerPtr trigger = {};  ///< an occasion: a client's certificate has come
};

/// Run for each connection before its handshake.
using ConnectionChange = std::function<void(SSL* ssl, HandshakeNotes& notes)>;

struct TlsFaults {
  std::optional<PresentedIdentity> presented;
  std::optional<ClientRefusal> refusal;
  std::optional<WrongClock> clock;
  std::optional<BrokenFlight> flight;
  std::optional<OtherOpening> opening;
  std::vector<ConnectionChange> connection_changes;
  TriggerPtr plaintext;  ///< no TLS at all; an occasion: a connection; null: never

  bool needs_secrets() const { return flight || (refusal && refusal->alert != 0); }
};

}  // namespace zlayer::fakes
