// From an address to a TLS connection with a verified zlayer-buildd.

#pragma once

#include <chrono>
#include <memory>

#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/config/address.h"
#include "lifecycle/src/connect/tls_session.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// When a connection to another machine that has gone silent is given up. The kernel asks the peer
/// after `idle` without a byte, and then every `interval`; after `probes` unanswered questions the
/// connection breaks. Bytes that we have sent may wait for their acknowledgement as long.
struct HalfOpenLimit {
  std::chrono::seconds idle{30};
  std::chrono::seconds interval{10};
  int probes = 3;

  std::chrono::seconds Total() const { return idle + interval * probes; }
};

/// The time limit of TCP, TLS and first RPC together. Waits use `deadline`, messages show `limit`.
struct DialLimit {
  std::chrono::milliseconds limit;
  Deadline deadline;
  HalfOpenLimit half_open{};  // of the connection that is made; not used on loopback
};

struct TlsConnection {
  UniqueFd socket;  // non-blocking
  std::unique_ptr<TlsSession> session;
};

/// Opens a TCP connection and completes the TLS handshake. A refused TCP connection is tried again
/// until the deadline; a refusal by either side's TLS is final. `session` is new, but may already
/// have made its ClientHello. Ignores proxy settings. Errors: dial_failed, dial_timeout,
/// server_rejected, client_rejected, sidecar_lost, cancelled.
Result<TlsConnection> Dial(const Address& address, std::unique_ptr<TlsSession> session,
                           const DialLimit& limit, StartWait* wait);

/// The error for a connection whose TLS ended before the first RPC was answered. `certificate`:
/// TlsSession::refused_certificate(), or empty.
LifecycleError TlsRefusal(const Address& address, const TlsEnd& end, std::string_view certificate);

/// The error for a wait, in Dial or for the first RPC, that ended with `waited`, which is not
/// Waited::ready. `doing` completes "while ...".
LifecycleError DialCutShort(const Address& address, const DialLimit& limit, Waited waited,
                            std::string_view doing);

}  // namespace zlayer::sidecar
