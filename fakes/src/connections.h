// Every accepted connection, from TCP to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "fakes/src/journal.h"
#include "fakes/src/log.h"
#include "fakes/src/tls/tls_server.h"
#include "fakes/src/unique_fd.h"

namespace zlayer::fakes {

/// Gives a plain HTTP/2 connection to the gRPC server.
using AdoptConnection = std::function<void(UniqueFd)>;

/// One thread a connection. Add and Stop are called from one thread.
class Connections {
 public:
  Connections(const TlsServer& tls, Journal& journal, const Log& log, AdoptConnection adopt);
  ~Connections();

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Takes over an accepted, non-blocking socket.
  void Add(UniqueFd socket, const std::string& peer);

  /// Ends handshakes that are under way; proven connections go on.
  void Drain();

  /// Ends every connection after what the gRPC server has written to it: for peers that leave
  /// GOAWAY unanswered.
  void HangUp();

  /// Waits until the connections, whose plain sides the gRPC server has closed, have told their
  /// peers, at most `limit_ms`; ends what is left.
  void Stop(int limit_ms);

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> ended = false;
  };

  void Serve(UniqueFd socket, std::uint32_t number);
  void ServeTls(int socket, std::uint32_t number);
  void JoinEnded();

  const TlsServer& tls_;
  Journal& journal_;
  const Log& log_;
  AdoptConnection adopt_;
  UniqueFd draining_;    // eventfd: handshakes end
  UniqueFd hanging_up_;  // eventfd: proven connections end
  UniqueFd stopped_;     // eventfd: everything ends
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
  std::vector<UniqueFd>
      plaintext_;  // duplicates of the sockets that went to the server as they are
};

}  // namespace zlayer::fakes
