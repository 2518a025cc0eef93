// All accepted connections: each is carried from TCP through TLS to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <thread>
#include <vector>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/log.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/relay/relay.h"
#include "fakes/src/tls/tls_server.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

/// Passes a socket that carries plain HTTP/2 to the gRPC server, which closes it. `number` is the
/// connection's in the journal.
using AdoptConnection = std::function<void(UniqueFd, std::uint32_t number)>;

/// The bytes of a connection pass these stages, each with a socket between it and the next:
///
///     client - TCP - network faults - TLS - HTTP/2 faults - gRPC server
///
/// A stage without a fault is left out. Each connection has a thread, and each stage with faults
/// has one more (a Relay). Stop() and the destructor join all of them. Thread-safety: one thread
/// calls all functions; Drain() and HangUp() may run while connections are served.
class Connections {
 public:
  /// Each connection meets the faults that are armed when it comes. All references must outlive
  /// this.
  Connections(const TlsServer& tls, const ArmedFaults& armed, Journal& journal, const Log& log,
              AdoptConnection adopt);
  ~Connections();

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Serves an accepted, non-blocking socket in a new thread. `peer` is its address, for the
  /// journal.
  void Add(UniqueFd socket, const std::string& peer);

  /// Ends the TLS handshakes that are under way. Connections that have finished theirs go on.
  void Drain();

  /// Sends what the gRPC server has already written, then closes every connection. Used when a peer
  /// does not answer GOAWAY.
  void HangUp();

  /// Waits at most `limit_ms` until each connection has sent its last bytes to its client, then
  /// closes those that are left and joins all threads. The gRPC server must have closed its side of
  /// the connections.
  void Stop(int limit_ms);

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> ended = false;
  };

  /// How one connection is to be served: its number and its faults.
  struct Setup {
    std::uint32_t number = 0;
    InForcePtr in_force;
    bool plaintext = false;
    ByteFaults network;
    ByteFaults http2;
  };

  /// The stage that lets faults join that are armed later.
  std::unique_ptr<FrameFault> NewJoiningFaults(const InForce& present) const;
  /// These three serve a connection to its end and return why it ended.
  v1::ConnectionEnded::Why Serve(const UniqueFd& socket, Setup setup);
  v1::ConnectionEnded::Why ServePlain(int wire, Setup setup);
  v1::ConnectionEnded::Why ServeTls(int wire, Setup setup);
  bool ShakeHands(SSL* ssl, const Setup& setup);
  void JoinEnded();

  const TlsServer& tls_;
  const ArmedFaults& armed_;
  Journal& journal_;
  const Log& log_;
  AdoptConnection adopt_;
  UniqueFd draining_;    // eventfd: TLS handshakes must end
  UniqueFd hanging_up_;  // eventfd: connections past their handshake must end
  UniqueFd stopped_;     // eventfd: all threads must end
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
};

}  // namespace zlayer::fakes::daemon
