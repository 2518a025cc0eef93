// All accepted connections: each is carried from TCP through TLS to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <thread>
#include <vector>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/peer/connection_faults.h"
#include "fakes/src/relay/relay.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Passes a socket that carries plain HTTP/2 to the gRPC server, which closes it.
using AdoptConnection = std::function<void(UniqueFd)>;

/// The bytes of a connection pass these stages, each with a socket between it and the next:
///
///     client - TCP - network faults - TLS - HTTP/2 faults - gRPC server
///
/// A stage without a fault is left out. Each connection has a thread, and each stage with faults
/// has one more (a Relay). Stop() and the destructor join all of them. Thread-safety: one thread
/// calls all functions; HangUp() may run while connections are served.
class Connections {
 public:
  /// `faults` has the faults of the network and of HTTP/2. A client has `silent_ms` from its
  /// connect until it must have finished its handshake and sent a byte. All references must outlive
  /// this.
  Connections(const TlsServer& tls, const ConnectionFaults& faults, Journal& journal,
              std::int64_t silent_ms, AdoptConnection adopt);
  ~Connections();

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Serves an accepted, non-blocking socket in a new thread. `peer` is its address, for the
  /// journal.
  void Add(UniqueFd socket, const std::string& peer);

  /// Sends what the gRPC server has already written, then closes every connection whose client has
  /// spoken. Used when a peer does not answer GOAWAY.
  void HangUp();

  /// Waits until every client has spoken, or its connection has ended. False when the deadline
  /// (monotonic ns) came first.
  bool AwaitSilent(std::int64_t deadline_ns);

  /// Waits for silent clients, however long that takes, and then at most `limit_ms` until each
  /// connection has sent its last bytes to its client. Closes those that are left and joins all
  /// threads. The gRPC server must have closed its side of the
  /// connections.
  void Stop(int limit_ms);

 private:
  struct Connection {
    std::thread thread;
    std::atomic<bool> speaks = false;  // its handshake is over, and the client has sent a byte
    std::atomic<bool> ended = false;
  };

  /// How one connection is to be served: its number and its faults.
  struct Setup {
    std::uint32_t number = 0;
    bool plaintext = false;
    std::int64_t speaks_until_ns = 0;  // monotonic
    ByteFaults network;
    ByteFaults http2;
  };

  void Serve(const UniqueFd& socket, Setup setup, std::atomic<bool>& speaks);
  void ServePlain(int wire, Setup setup);
  void ServeTls(int wire, Setup setup, std::atomic<bool>& speaks);
  bool ShakeHands(SSL* ssl, const Setup& setup);
  void JoinEnded();
  void AwaitOneEnd(std::int64_t deadline_ns);
  bool SomeAreSilent() const;
  void CloseAll();

  const TlsServer& tls_;
  const ConnectionFaults& faults_;
  Journal& journal_;
  const std::int64_t silent_ms_;
  AdoptConnection adopt_;
  UniqueFd hanging_up_;  // eventfd: connections whose client has spoken must end
  UniqueFd stopped_;     // eventfd: all threads must end
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
};

}  // namespace zlayer::fakes::daemon
