#include "fakes/src/daemon/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/http2/honest_http2_stage.h"
#include "fakes/src/http2/joining_faults.h"
#include "fakes/src/process/memory_bound.h"
#include "fakes/src/tls/pump.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::ConnectionEnded;

/// Memory that must be left for everything but connections: gRPC's threads, and large messages.
constexpr size_t kReserve = 24 << 20;
/// What a connection needs beside the stacks of its threads: measured 98 KiB, half of it OpenSSL's.
constexpr size_t kPerConnection = 104 * 1024;
/// The most threads of a connection: its own, and a relay each for the network and for HTTP/2.
constexpr size_t kMostThreads = 3;
/// Served even where the plan's bound leaves nothing.
constexpr size_t kFewest = 16;

void Raise(const UniqueFd& event) { eventfd_write(event.get(), 1); }

/// How many threads a connection has that meets these faults.
size_t ThreadsWith(const ArmedFaults& armed) {
  if (armed.expects_changes()) return kMostThreads;
  const ConnectionFaults& faults = armed.Now()->peer.connections;
  return 1 + (faults.network.empty() ? 0 : 1) + (faults.http2.empty() ? 0 : 1);
}

/// How many connections fit into the memory that is left.
size_t MostConnections(const ArmedFaults& armed) {
  const size_t left = MemoryLeft();
  const size_t each = kPerConnection + ThreadsWith(armed) * kSmallStack;
  return std::max(kFewest, (std::max(left, kReserve) - kReserve) / each);
}

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
                         Http2 http2, AdoptConnection adopt)
    : tls_(tls),
      armed_(armed),
      journal_(journal),
      honest_http2_(http2 == Http2::honest),
      adopt_(std::move(adopt)),
      most_open_(MostConnections(armed)),
      hanging_up_(eventfd(0, EFD_CLOEXEC)),
      stopped_(eventfd(0, EFD_CLOEXEC)),
      some_ended_(eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE)) {}

Connections::~Connections() { CloseAll(); }

void Connections::Add(UniqueFd socket, const std::string& peer) {
  JoinEnded();
  const std::uint32_t number = ++accepted_;
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_accepted()->set_connection(number);
    entry.mutable_accepted()->set_peer(peer);
  });
  if (!HasRoom() || !StartServing(std::move(socket), number)) Refuse(number);
}

bool Connections::HasRoom() const {
  // Connections take memory late, in their handshake, so they are counted; other parts of the fake
  // take memory, too.
  return open_.size() < kFewest || (open_.size() < most_open_ && MemoryLeft() > kReserve);
}

/// Triggers are evaluated here, on the accepting thread, and not on the connection's own thread:
/// the same seed then chooses the same connections in every run.
Connections::Setup Connections::SetUp(std::uint32_t number) const {
  Setup setup{.number = number, .in_force = armed_.Now()};
  const auto silent_ms = LimitsOf(setup.in_force->plan).silent.count();
  setup.speaks_until_ns = MonotonicNs() + std::int64_t{silent_ms} * 1'000'000;
  const TriggerPtr& plaintext = setup.in_force->tls.plaintext;
  setup.plaintext = plaintext && plaintext->Happens(number);
  setup.network = MakeByteFaults(setup.in_force->peer.connections.network, number);
  setup.http2 = MakeFrameFaults(setup.in_force->peer.connections.http2, number);
  if (armed_.expects_changes()) {
    setup.http2.push_back(AsByteFault(NewJoiningFaults(*setup.in_force), number));
  }
  // Without any of them, the pump of TLS keeps HTTP/2 honest, at no cost.
  if (honest_http2_ && (setup.plaintext || !setup.http2.empty())) {
    setup.http2.push_back(NewHonestHttp2Stage());
  }
  return setup;
}

bool Connections::StartServing(UniqueFd socket, std::uint32_t number) {
  const OnConnection scope(number);
  Connection& connection = open_.emplace_back();
  auto serve = [this, &connection, socket = std::move(socket), setup = SetUp(number)]() mutable {
    const std::uint32_t its_number = setup.number;
    const OnConnection on_it(its_number);
    const ConnectionEnded::Why why = Serve(socket, std::move(setup), connection.speaks);
    JournalEnd(its_number, why);
    connection.ended = true;
    Raise(some_ended_);
  };
  if (connection.thread.Start(std::move(serve))) return true;
  open_.pop_back();
  return false;
}

void Connections::JournalEnd(std::uint32_t number, ConnectionEnded::Why why) {
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_connection_ended()->set_connection(number);
    entry.mutable_connection_ended()->set_why(why);
  });
}

/// The caller has closed the socket.
void Connections::Refuse(std::uint32_t number) {
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_tls()->set_connection(number);
    entry.mutable_tls()->set_reason("closed: no memory is left for another connection");
  });
  JournalEnd(number, ConnectionEnded::REFUSED);
}

std::unique_ptr<FrameFault> Connections::NewJoiningFaults(const InForce& present) const {
  return std::make_unique<JoiningFaults>(present.peer.connections.http2, [this] {
    const InForcePtr now = armed_.Now();
    return Http2FaultsPtr(now, &now->peer.connections.http2);
  });
}

ConnectionEnded::Why Connections::Serve(const UniqueFd& socket, Setup setup,
                                        std::atomic<bool>& speaks) {
  if (setup.plaintext) speaks = true;
  const auto serve = [&](int wire) {
    return setup.plaintext ? ServePlain(wire, std::move(setup))
                           : ServeTls(wire, std::move(setup), speaks);
  };
  ConnectionEnded::Why why = ConnectionEnded::DAEMON;
  if (setup.network.empty()) {
    why = serve(socket.get());
  } else {
    Relay relay(std::move(setup.network), socket.get(), stopped_.get());
    UniqueFd wire = relay.TakeInner();
    if (!wire) return why;
    why = serve(wire.get());
    speaks = true;  // only the last bytes are to be sent
    CloseGently(wire.get(), stopped_.get());
    wire.Reset();
    if (relay.Join() == RelayEnd::fault) why = ConnectionEnded::PLAN;
  }
  speaks = true;
  CloseGently(socket.get(), stopped_.get());
  return why;
}

/// Uses a relay even when there is no fault: the gRPC server closes the socket that it gets, but
/// Serve() must close the client's socket itself, after CloseGently().
ConnectionEnded::Why Connections::ServePlain(int wire, Setup setup) {
  Relay relay(std::move(setup.http2), wire, hanging_up_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner), {setup.number, setup.cut});
  return WhyOf(relay.Join());
}

ConnectionEnded::Why Connections::ServeTls(int wire, Setup setup, std::atomic<bool>& speaks) {
  const SslPtr ssl = tls_.NewConnection(wire);
  if (!ssl || !ShakeHands(ssl.get(), setup)) return ConnectionEnded::REFUSED;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    return ConnectionEnded::DAEMON;
  }
  UniqueFd plain(ends[0]);
  UniqueFd servers(ends[1]);
  const PumpWork work{.key_updates = setup.in_force->tls.NextKeyUpdates(setup.number),
                      .keeps_http2_honest = honest_http2_ && setup.http2.empty()};
  const PumpEnds pump_ends{.hang_up = hanging_up_.get(),
                           .stop = stopped_.get(),
                           .plain_cut = setup.cut.get(),
                           .speaks = &speaks,
                           .speaks_until_ns = setup.speaks_until_ns};
  if (setup.http2.empty()) {
    adopt_(std::move(servers), {setup.number, setup.cut});
    return WhyOf(Pump(ssl.get(), plain.get(), pump_ends, work));
  }
  Relay relay(std::move(setup.http2), servers.get(), stopped_.get());
  UniqueFd inner = relay.TakeInner();
  if (!inner) return ConnectionEnded::DAEMON;
  adopt_(std::move(inner), {setup.number, setup.cut});
  const PumpEnd end = Pump(ssl.get(), plain.get(), pump_ends, work);
  plain.Reset();
  return relay.Join() == RelayEnd::fault ? ConnectionEnded::PLAN : WhyOf(end);
}

bool Connections::ShakeHands(SSL* ssl, const Setup& setup) {
  const TlsResult result = tls_.Handshake(ssl, setup.number, setup.in_force->tls,
                                          {stopped_.get(), setup.speaks_until_ns});
  journal_.Write([&](v1::JournalEntry& entry) {
    v1::TlsVerdict* verdict = entry.mutable_tls();
    verdict->set_connection(setup.number);
    verdict->set_accepted(result.accepted);
    verdict->set_reason(result.reason);
    verdict->set_protocol(result.protocol);
    verdict->set_alpn(result.alpn);
    verdict->set_peer_subject(result.peer_subject);
  });
  return result.accepted;
}

void Connections::JoinEnded() {
  for (auto connection = open_.begin(); connection != open_.end();) {
    if (!connection->ended) {
      ++connection;
      continue;
    }
    connection->thread.Join();
    connection = open_.erase(connection);
  }
}

bool Connections::SomeAreSilent() const {
  return std::any_of(open_.begin(), open_.end(),
                     [](const Connection& connection) { return !connection.speaks; });
}

void Connections::HangUp() { Raise(hanging_up_); }

void Connections::AwaitOneEnd(std::int64_t deadline_ns) {
  pollfd ended{.fd = some_ended_.get(), .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, MillisecondsUntil(deadline_ns)) == 1) {
    eventfd_t count = 0;
    eventfd_read(some_ended_.get(), &count);
  }
  JoinEnded();
}

bool Connections::AwaitSilent(std::int64_t deadline_ns) {
  JoinEnded();
  while (SomeAreSilent() && MonotonicNs() < deadline_ns) AwaitOneEnd(deadline_ns);
  return !SomeAreSilent();
}

void Connections::Stop(int limit_ms) {
  JoinEnded();
  const std::int64_t deadline = MonotonicNs() + std::int64_t{limit_ms} * 1'000'000;
  while (!open_.empty() && MonotonicNs() < deadline) AwaitOneEnd(deadline);
  CloseAll();
}

void Connections::CloseAll() {
  Raise(hanging_up_);
  Raise(stopped_);
  open_.clear();  // joins the threads
}

}  // namespace zlayer::fakes::daemon
