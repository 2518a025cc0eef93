// What OpenSSL's callbacks learn and are told during one handshake.

#pragma once

#include <string>
#include <vector>

namespace zlayer::fakes {

/// The SSL object's app data while the handshake lasts.
struct HandshakeNotes {
  enum class Alpn { h2, unanswered, http_1_1 };

  Alpn alpn = Alpn::h2;        ///< the answer to the client's offer
  bool takes_anybody = false;  ///< any client certificate is good
  std::string peer_subject = {};
  bool refused = false;                 ///< by the plan
  std::string handshake_secret = {};    ///< SERVER_HANDSHAKE_TRAFFIC_SECRET
  std::string traffic_secret = {};      ///< SERVER_TRAFFIC_SECRET_0
  std::vector<int> messages_sent = {};  ///< types (RFC 8446, 4) of the server's handshake messages
};

}  // namespace zlayer::fakes
