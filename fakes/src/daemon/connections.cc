#include "fakes/src/daemon/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/tls/pump.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

void Raise(const UniqueFd& event) { eventfd_write(event.get(), 1); }

}  // namespace

Connections::Connections(const TlsServer& tls, const ConnectionFaults& faults, Journal& journal,
                         const Log& log, AdoptConnection adopt)
    : tls_(tls),
      faults_(faults),
      journal_(journal),
      log_(log),
      adopt_(std::move(adopt)),
      draining_(eventfd(0, EFD_CLOEXEC)),
      hanging_up_(eventfd(0, EFD_CLOEXEC)),
      stopped_(eventfd(0, EFD_CLOEXEC)),
      some_ended_(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) {}

Connections::~Connections() { Stop(0); }

void Connections::Add(UniqueFd socket, const std::string& peer) {
  JoinEnded();
  // Triggers are evaluated here, on the accepting thread, and not on the connection's own thread:
  // the same seed then chooses the same connections in every run.
  Setup setup;
  setup.number = ++accepted_;
  setup.plaintext = tls_.SpeaksPlaintext(setup.number);
  setup.network = MakeByteFaults(faults_.network, setup.number);
  setup.http2 = MakeByteFaults(faults_.http2, setup.number);
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_accepted()->set_connection(setup.number);
    entry.mutable_accepted()->set_peer(peer);
  });
  Connection& connection = open_.emplace_back();
  connection.thread = std::thread(
      [this, &connection](const UniqueFd& taken, Setup its_setup) {
        Serve(taken, std::move(its_setup));
        connection.ended = true;
        Raise(some_ended_);
      },
      std::move(socket), std::move(setup));
}

void Connections::Serve(const UniqueFd& socket, Setup setup) {
  if (setup.network.empty()) {
    setup.plaintext ? ServePlain(socket.get(), std::move(setup))
                    : ServeTls(socket.get(), std::move(setup));
  } else {
    Relay relay(std::move(setup.network), socket.get(), stopped_.get());
    const UniqueFd wire = relay.TakeInner();
    setup.plaintext ? ServePlain(wire.get(), std::move(setup))
                    : ServeTls(wire.get(), std::move(setup));
    CloseGently(wire.get(), stopped_.get());
  }
  CloseGently(socket.get(), stopped_.get());
}

/// Uses a relay even when there is no fault: the gRPC server closes the socket that it gets, but
/// Serve() must close the client's socket itself, after CloseGently().
void Connections::ServePlain(int wire, Setup setup) {
  Relay relay(std::move(setup.http2), wire, hanging_up_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner));
}

void Connections::ServeTls(int wire, Setup setup) {
  const SslPtr ssl = tls_.NewConnection(wire);
  if (!ssl || !ShakeHands(ssl.get(), setup.number)) return;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return;
  UniqueFd plain(ends[0]);
  UniqueFd servers(ends[1]);
  const PumpEnds pump_ends{.hang_up = hanging_up_.get(), .stop = stopped_.get()};
  if (setup.http2.empty()) {
    adopt_(std::move(servers));
    Pump(ssl.get(), plain.get(), pump_ends);
    return;
  }
  Relay relay(std::move(setup.http2), servers.get(), stopped_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner));
  Pump(ssl.get(), plain.get(), pump_ends);
  plain.Reset();
}

bool Connections::ShakeHands(SSL* ssl, std::uint32_t number) {
  const TlsResult result = tls_.Handshake(ssl, number, draining_.get());
  journal_.Write([&](v1::JournalEntry& entry) {
    v1::TlsVerdict* verdict = entry.mutable_tls();
    verdict->set_connection(number);
    verdict->set_accepted(result.accepted);
    verdict->set_reason(result.reason);
    verdict->set_protocol(result.protocol);
    verdict->set_alpn(result.alpn);
    verdict->set_peer_subject(result.peer_subject);
  });
  if (!result.accepted) log_.Info("TLS handshake refused", {{"reason", result.reason}});
  return result.accepted;
}

void Connections::JoinEnded() {
  for (auto connection = open_.begin(); connection != open_.end();) {
    if (!connection->ended) {
      ++connection;
      continue;
    }
    connection->thread.join();
    connection = open_.erase(connection);
  }
}

void Connections::Drain() { Raise(draining_); }

void Connections::HangUp() { Raise(hanging_up_); }

void Connections::Stop(int limit_ms) {
  Raise(draining_);
  const std::int64_t deadline = MonotonicNs() + std::int64_t{limit_ms} * 1'000'000;
  JoinEnded();
  while (!open_.empty() && MonotonicNs() < deadline) {
    pollfd ended{.fd = some_ended_.get(), .events = POLLIN, .revents = 0};
    const std::int64_t left_ms = (deadline - MonotonicNs()) / 1'000'000 + 1;
    if (poll(&ended, 1, static_cast<int>(left_ms)) == 1) {
      eventfd_t count = 0;
      eventfd_read(some_ended_.get(), &count);
    }
    JoinEnded();
  }
  Raise(hanging_up_);
  Raise(stopped_);
  for (Connection& connection : open_) connection.thread.join();
  open_.clear();
}

}  // namespace zlayer::fakes::daemon
