// All accepted connections: each is carried from TCP through TLS to the gRPC server.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <vector>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/peer/connection_faults.h"
#include "fakes/src/process/small_thread.h"
#include "fakes/src/relay/relay.h"
#include "fakes/src/tls/tls_server.h"

namespace zlayer::fakes::daemon {

/// Set by the server when it ends a connection without a word, as a crash does: the client then
/// gets no close_notify.
using ConnectionCut = std::shared_ptr<std::atomic<bool>>;

/// Passes a socket that carries plain HTTP/2 to the server, which closes it: gRPC, or the upstream.
/// Must not wait.
using AdoptConnection = std::function<void(UniqueFd, ConnectionCut)>;

/// Whose HTTP/2 the client meets.
enum class Http2 {
  honest,       // the gRPC server's, held to the rules of the deployed daemon (honest_http2.h)
  as_upstream,  // the upstream's, as it comes
};

/// The bytes of a connection pass these stages, each with a socket between it and the next:
///
///     client - TCP - network faults - TLS - HTTP/2 faults - gRPC server, or TLS to the upstream
///
/// A stage without a fault is left out. Each connection has a thread, and each stage with faults
/// has one more (a Relay). Stop() and the destructor join all of them. Thread-safety: one thread
/// calls all functions; HangUp() may run while connections are served.
class Connections {
 public:
  /// `faults` has the faults of the network and of HTTP/2. A client has `silent_ms` from its
  /// connect until it must have finished its handshake and sent a byte. All references must outlive
  /// this.
  Connections(const TlsServer& tls, const ConnectionFaults& faults, Journal& journal, Http2 http2,
              std::int64_t silent_ms, AdoptConnection adopt);
  ~Connections();

  Connections(const Connections&) = delete;
  Connections& operator=(const Connections&) = delete;

  /// Serves an accepted, non-blocking socket in a new thread, or closes it when the process has no
  /// memory left for another connection. `peer` is its address, for the journal.
  void Add(UniqueFd socket, const std::string& peer);

  /// Sends what the gRPC server has already written, then closes every connection whose client has
  /// spoken. Used when a peer does not answer GOAWAY.
  void HangUp();

  /// Waits until every client has spoken, or its connection has ended. False when the deadline
  /// (monotonic ns, or kNoDeadline) came first.
  bool AwaitSilent(std::int64_t deadline_ns);

  /// Waits at most `limit_ms` until each connection has sent its last bytes to its client, then
  /// closes those that are left and joins all threads. The gRPC server must have closed its side of
  /// the connections.
  void Stop(int limit_ms);

 private:
  struct Connection {
    std::atomic<bool> speaks = false;  // its handshake is over, and the client has sent a byte
    std::atomic<bool> ended = false;
    SmallThread thread;
  };

  /// How one connection is to be served: its number and its faults.
  struct Setup {
    std::uint32_t number = 0;
    bool plaintext = false;
    ConnectionCut cut = std::make_shared<std::atomic<bool>>(false);
    std::int64_t speaks_until_ns = 0;  // monotonic
    ByteFaults network;
    ByteFaults http2;
  };

  bool HasRoom() const;
  /// False when the connection cannot have a thread.
  bool StartServing(UniqueFd socket, std::uint32_t number);
  void Refuse(std::uint32_t number);
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
  const bool honest_http2_;
  const std::int64_t silent_ms_;
  AdoptConnection adopt_;
  const size_t most_open_;
  UniqueFd hanging_up_;  // eventfd: connections whose client has spoken must end
  UniqueFd stopped_;     // eventfd: all threads must end
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
};

}  // namespace zlayer::fakes::daemon
