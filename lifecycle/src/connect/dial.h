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

/// The limit of a dial, kept together with the deadline that it gave, because messages name it.
struct DialLimit {
  std::chrono::milliseconds limit;
  Deadline deadline;
};

struct TlsConnection {
  UniqueFd socket;  // non-blocking
  std::unique_ptr<TlsSession> session;
};

/// A refused TCP connection is tried again until the limit; a refusal by either side's TLS is
/// final. `session` is a new one, which may have made its first words. No proxy is used. Names are
/// looked up by getaddrinfo(3), which has time limits of its own. Errors: dial_failed,
/// dial_timeout, server_rejected, client_rejected, sidecar_lost, cancelled.
Result<TlsConnection> Dial(const Address& address, std::unique_ptr<TlsSession> session,
                           const DialLimit& limit, StartWait* wait);

/// The error for a connection whose TLS ended before the first RPC was answered.
LifecycleError TlsRefusal(const Address& address, const TlsEnd& end, std::string_view certificate);

/// The error for a wait during a dial that was cut short. `waited` is not Waited::ready; `doing`
/// completes "while ...".
LifecycleError DialCutShort(const Address& address, const DialLimit& limit, Waited waited,
                            std::string_view doing);

}  // namespace zlayer::sidecar
