#include "fakes/src/daemon/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/http2/joining_faults.h"
#include "fakes/src/tls/pump.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::ConnectionEnded;

void Raise(const UniqueFd& event) { eventfd_write(event.get(), 1); }

ConnectionEnded::Why WhyOf(PumpEnd end) {
  if (end == PumpEnd::client) return ConnectionEnded::CLIENT;
  return end == PumpEnd::server ? ConnectionEnded::DAEMON : ConnectionEnded::STOP;
}

ConnectionEnded::Why WhyOf(RelayEnd end) {
  if (end == RelayEnd::fault) return ConnectionEnded::PLAN;
  if (end == RelayEnd::client) return ConnectionEnded::CLIENT;
  return end == RelayEnd::server ? ConnectionEnded::DAEMON : ConnectionEnded::STOP;
}

}  // namespace

Connections::Connections(const TlsServer& tls, const ArmedFaults& armed, Journal& journal,
                         const Log& log, AdoptConnection adopt)
    : tls_(tls),
      armed_(armed),
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
  const OnConnection scope(setup.number);
  setup.in_force = armed_.Now();
  const TriggerPtr& plaintext = setup.in_force->tls.plaintext;
  setup.plaintext = plaintext && plaintext->Happens(setup.number);
  setup.network = MakeByteFaults(setup.in_force->peer.connections.network, setup.number);
  setup.http2 = MakeFrameFaults(setup.in_force->peer.connections.http2, setup.number);
  if (armed_.expects_changes()) {
    setup.http2.push_back(AsByteFault(NewJoiningFaults(*setup.in_force), setup.number));
  }
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_accepted()->set_connection(setup.number);
    entry.mutable_accepted()->set_peer(peer);
  });
  Connection& connection = open_.emplace_back();
  connection.thread = std::thread(
      [this, &connection](const UniqueFd& taken, Setup its_setup) {
        const std::uint32_t number = its_setup.number;
        const OnConnection on_it(number);
        const ConnectionEnded::Why why = Serve(taken, std::move(its_setup));
        journal_.Write([&](v1::JournalEntry& entry) {
          entry.mutable_connection_ended()->set_connection(number);
          entry.mutable_connection_ended()->set_why(why);
        });
        connection.ended = true;
        Raise(some_ended_);
      },
      std::move(socket), std::move(setup));
}

std::unique_ptr<FrameFault> Connections::NewJoiningFaults(const InForce& present) const {
  return std::make_unique<JoiningFaults>(present.peer.connections.http2, [this] {
    const InForcePtr now = armed_.Now();
    return Http2FaultsPtr(now, &now->peer.connections.http2);
  });
}

ConnectionEnded::Why Connections::Serve(const UniqueFd& socket, Setup setup) {
  const auto serve = [&](int wire) {
    return setup.plaintext ? ServePlain(wire, std::move(setup)) : ServeTls(wire, std::move(setup));
  };
  ConnectionEnded::Why why = ConnectionEnded::WHY_UNSET;
  if (setup.network.empty()) {
    why = serve(socket.get());
  } else {
    Relay relay(std::move(setup.network), socket.get(), stopped_.get());
    UniqueFd wire = relay.TakeInner();
    why = serve(wire.get());
    CloseGently(wire.get(), stopped_.get());
    wire.Reset();
    if (relay.Join() == RelayEnd::fault) why = ConnectionEnded::PLAN;
  }
  CloseGently(socket.get(), stopped_.get());
  return why;
}

/// Uses a relay even when there is no fault: the gRPC server closes the socket that it gets, but
/// Serve() must close the client's socket itself, after CloseGently().
ConnectionEnded::Why Connections::ServePlain(int wire, Setup setup) {
  Relay relay(std::move(setup.http2), wire, hanging_up_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner), setup.number);
  return WhyOf(relay.Join());
}

ConnectionEnded::Why Connections::ServeTls(int wire, Setup setup) {
  const SslPtr ssl = tls_.NewConnection(wire);
  if (!ssl || !ShakeHands(ssl.get(), setup)) return ConnectionEnded::REFUSED;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return ConnectionEnded::DAEMON;
  }
  UniqueFd plain(ends[0]);
  UniqueFd servers(ends[1]);
  const PumpEnds pump_ends{.hang_up = hanging_up_.get(), .stop = stopped_.get()};
  if (setup.http2.empty()) {
    adopt_(std::move(servers), setup.number);
    return WhyOf(Pump(ssl.get(), plain.get(), pump_ends));
  }
  Relay relay(std::move(setup.http2), servers.get(), stopped_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner), setup.number);
  const PumpEnd end = Pump(ssl.get(), plain.get(), pump_ends);
  plain.Reset();
  return relay.Join() == RelayEnd::fault ? ConnectionEnded::PLAN : WhyOf(end);
}

bool Connections::ShakeHands(SSL* ssl, const Setup& setup) {
  const TlsResult result = tls_.Handshake(ssl, setup.number, setup.in_force->tls, draining_.get());
  journal_.Write([&](v1::JournalEntry& entry) {
    v1::TlsVerdict* verdict = entry.mutable_tls();
    verdict->set_connection(setup.number);
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
