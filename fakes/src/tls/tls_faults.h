// The faults of the TLS server. Without any, the server is honest. Each member has its trigger; the
// comment at the trigger says what one occasion is.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "fakes/src/base/trigger.h"
#include "fakes/src/tls/handshake_notes.h"
#include "fakes/src/tls/openssl_types.h"

namespace zlayer::fakes::daemon {

/// Refuses a client's certificate although it is valid.
struct ClientRefusal {
  /// An X509_V_ERR_ value makes the verification fail; OpenSSL then sends the alert that belongs to
  /// it. With X509_V_OK the handshake succeeds, and the server then ends the connection with
  /// `alert`.
  int verify_error = 0;
  /// A TLS alert. 0: no alert, the connection is only closed.
  std::uint8_t alert = 0;
  TriggerPtr trigger = {};  ///< occasion: a client's certificate has come
};

/// Presents another certificate than the one of `--tls-cert`.
struct PresentedIdentity {
  Identity identity;
  TriggerPtr trigger;  ///< occasion: the server is about to choose its certificate
};

/// Breaks one of the server's handshake messages.
struct BrokenFlight {
  v1::TlsHandshake what;
  TriggerPtr trigger;  ///< occasion: a connection
};

/// Sends other bytes before TLS, or instead of it.
struct OtherOpening {
  v1::TlsOpening::How how;
  TriggerPtr trigger;  ///< occasion: a connection
};

/// Messages that the server sends right after the handshake (RFC 8446, 4.6.3).
struct KeyUpdates {
  std::uint32_t count = 0;
  bool ask_for_answer = false;
};

struct KeyUpdateStorm {
  KeyUpdates updates;
  TriggerPtr trigger;  ///< occasion: a connection whose handshake is complete
};

/// Verifies client certificates as if the time were `offset_secs` later.
struct WrongClock {
  std::int64_t offset_secs = 0;
  TriggerPtr trigger = {};  ///< occasion: a client's certificate has come
};

/// Called for each connection before its handshake, on the connection's thread.
using ConnectionChange = std::function<void(SSL* ssl, HandshakeNotes& notes)>;

struct TlsFaults {
  std::optional<PresentedIdentity> presented;
  std::optional<ClientRefusal> refusal;
  std::optional<WrongClock> clock;
  std::optional<BrokenFlight> flight;
  std::optional<OtherOpening> opening;
  std::optional<KeyUpdateStorm> key_updates;
  std::vector<ConnectionChange> connection_changes;
  TriggerPtr plaintext;  ///< serves a connection without TLS; occasion: a connection

  /// True when the server must make records itself (sealed_record.h).
  bool needs_secrets() const { return flight || (refusal && refusal->alert != 0); }
  /// Evaluates `key_updates`; call once for each connection, after its handshake.
  KeyUpdates NextKeyUpdates(std::uint32_t connection) const {
    return key_updates && key_updates->trigger->Happens(connection) ? key_updates->updates
                                                                    : KeyUpdates{};
  }

  /// True when the handshake itself may differ from the honest one.
  bool change_handshake() const {
    return presented || refusal || clock || flight || !connection_changes.empty();
  }
};

}  // namespace zlayer::fakes::daemon
