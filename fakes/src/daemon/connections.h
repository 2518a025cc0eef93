// Every accepted connection, from TCP to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/peer/connection_faults.h"
#include "fakes/src/relay/relay.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes {

/// Gives a plain HTTP/2 connection to the gRPC server.
using AdoptConnection = std::function<void(UniqueFd)>;

/// One thread a connection, and one more for each stage with a fault. Add and Stop are called from
/// one thread.
class Connections {
 public:
  /// `faults`: of TCP and of HTTP/2. All references must outlive this.
  Connections(const TlsServer& tls, const ConnectionFaults& faults, Journal& journal,
              const Log& log, AdoptConnection adopt);
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

  /// What happens to one connection.
  struct Order {
    std::uint32_t number = 0;
    bool plaintext = false;
    ByteFaults network;
    ByteFaults http2;
  };

  void Serve(const UniqueFd& socket, Order order);
  void ServePlain(int wire, Order order);
  void ServeTls(int wire, Order order);
  bool ShakeHands(SSL* ssl, std::uint32_t number);
  void JoinEnded();

  const TlsServer& tls_;
  const ConnectionFaults& faults_;
  Journal& journal_;
  const Log& log_;
  AdoptConnection adopt_;
  UniqueFd draining_;    // eventfd: handshakes end
  UniqueFd hanging_up_;  // eventfd: proven connections end
  UniqueFd stopped_;     // eventfd: everything ends
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
};

}  // namespace zlayer::fakes
