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
#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/process/small_thread.h"
#include "fakes/src/relay/relay.h"
#include "fakes/src/tls/tls_server.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {

/// What the server learns of a connection.
struct ServedConnection {
  std::uint32_t number;  ///< in the journal
  /// Set by the server when it ends the connection without a word, as a crash does: the client then
  /// gets no close_notify.
  std::shared_ptr<std::atomic<bool>> cut;
};

/// Passes a socket that carries plain HTTP/2 to the server, which closes it: gRPC, or the upstream.
/// Must not wait.
using AdoptConnection = std::function<void(UniqueFd, const ServedConnection&)>;

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
  /// Each connection meets the faults that are armed when it comes. All references must outlive
  /// this.
  Connections(const TlsServer& tls, const ArmedFaults& armed, Journal& journal, Http2 http2,
              AdoptConnection adopt);
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
    InForcePtr in_force;
    bool plaintext = false;
    std::shared_ptr<std::atomic<bool>> cut = std::make_shared<std::atomic<bool>>(false);
    std::int64_t speaks_until_ns = 0;  // monotonic
    ByteFaults network = {};
    ByteFaults http2 = {};
  };

  bool HasRoom() const;
  Setup SetUp(std::uint32_t number) const;
  /// The stage that lets faults join that are armed later.
  std::unique_ptr<FrameFault> NewJoiningFaults(const InForce& present) const;
  /// False when the connection cannot have a thread.
  bool StartServing(UniqueFd socket, std::uint32_t number);
  void Refuse(std::uint32_t number);
  void JournalEnd(std::uint32_t number, v1::ConnectionEnded::Why why);
  /// These three serve a connection to its end and return why it ended.
  v1::ConnectionEnded::Why Serve(const UniqueFd& socket, Setup setup, std::atomic<bool>& speaks);
  v1::ConnectionEnded::Why ServePlain(int wire, Setup setup);
  v1::ConnectionEnded::Why ServeTls(int wire, Setup setup, std::atomic<bool>& speaks);
  bool ShakeHands(SSL* ssl, const Setup& setup);
  void JoinEnded();
  void AwaitOneEnd(std::int64_t deadline_ns);
  bool SomeAreSilent() const;
  void CloseAll();

  const TlsServer& tls_;
  const ArmedFaults& armed_;
  Journal& journal_;
  const bool honest_http2_;
  AdoptConnection adopt_;
  const size_t most_open_;
  UniqueFd hanging_up_;  // eventfd: connections whose client has spoken must end
  UniqueFd stopped_;     // eventfd: all threads must end
  UniqueFd some_ended_;  // eventfd semaphore: counts the connections that ended
  std::uint32_t accepted_ = 0;
  std::list<Connection> open_;
};

}  // namespace zlayer::fakes::daemon
