// The state that OpenSSL's callbacks share during one handshake.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fakes/src/base/trigger.h"

namespace zlayer::fakes::daemon {

struct TlsFaults;

/// TlsServer::Handshake() stores a pointer to it as the SSL object's app data. Faults set `alpn`,
/// `accepts_any_client` and the `fires_` lists before the handshake; callbacks fill in the rest.
struct HandshakeNotes {
  enum class Alpn { h2, unanswered, http_1_1 };

  std::uint32_t connection = 0;       ///< its number in this process
  const TlsFaults* faults = nullptr;  ///< of this connection
  Alpn alpn = Alpn::h2;               ///< how the server answers the client's ALPN offer
  bool accepts_any_client = false;    ///< no client certificate is verified
  /// Faults that fire when the ClientHello has come, when the client's ALPN offer is answered, and
  /// when the server's first flight is made.
  std::vector<TriggerPtr> fires_at_hello = {};
  std::vector<TriggerPtr> fires_at_alpn = {};
  std::vector<TriggerPtr> fires_at_flight = {};

  std::string peer_subject = {};        ///< of the client's certificate, once it has come
  std::string why_refused = {};         ///< what is wrong with the client's certificate
  bool refused = false;                 ///< the plan refuses this client
  std::string handshake_secret = {};    ///< SERVER_HANDSHAKE_TRAFFIC_SECRET
  std::string traffic_secret = {};      ///< SERVER_TRAFFIC_SECRET_0
  std::vector<int> messages_sent = {};  ///< types (RFC 8446, 4) of the server's handshake messages
};

}  // namespace zlayer::fakes::daemon
