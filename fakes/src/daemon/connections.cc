#include "fakes/src/daemon/connections.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/http2/honest_http2_stage.h"
#include "fakes/src/process/memory_bound.h"
#include "fakes/src/tls/pump.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// Memory that must be left for everything but connections: gRPC's threads, and large messages.
constexpr size_t kReserve = 24 << 20;
/// What a connection needs beside the stacks of its threads: measured 98 KiB, half of it OpenSSL's.
constexpr size_t kPerConnection = 104 * 1024;
/// Served even where the plan's bound leaves nothing.
constexpr size_t kFewest = 16;

void Raise(const UniqueFd& event) { eventfd_write(event.get(), 1); }

/// How many connections fit into the memory that is left.
size_t MostConnections(const ConnectionFaults& faults) {
  const size_t left = MemoryLeft();
  const size_t threads = 1 + (faults.network.empty() ? 0 : 1) + (faults.http2.empty() ? 0 : 1);
  const size_t each = kPerConnection + threads * kSmallStack;
  return std::max(kFewest, (std::max(left, kReserve) - kReserve) / each);
}

}  // namespace

Connections::Connections(const TlsServer& tls, const ConnectionFaults& faults, Journal& journal,
                         Http2 http2, std::int64_t silent_ms, AdoptConnection adopt)
    : tls_(tls),
      faults_(faults),
      journal_(journal),
      honest_http2_(http2 == Http2::honest),
      silent_ms_(silent_ms),
      adopt_(std::move(adopt)),
      most_open_(MostConnections(faults)),
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
bool Connections::StartServing(UniqueFd socket, std::uint32_t number) {
  Setup setup{.number = number,
              .plaintext = tls_.SpeaksPlaintext(),
              .speaks_until_ns = MonotonicNs() + silent_ms_ * 1'000'000,
              .network = MakeByteFaults(faults_.network, number),
              .http2 = MakeByteFaults(faults_.http2, number)};
  // Without any of them, the pump of TLS keeps HTTP/2 honest, at no cost.
  if (honest_http2_ && (setup.plaintext || !setup.http2.empty())) {
    setup.http2.push_back(NewHonestHttp2Stage());
  }
  Connection& connection = open_.emplace_back();
  auto serve = [this, &connection, socket = std::move(socket), setup = std::move(setup)]() mutable {
    Serve(socket, std::move(setup), connection.speaks);
    connection.ended = true;
    Raise(some_ended_);
  };
  if (connection.thread.Start(std::move(serve))) return true;
  open_.pop_back();
  return false;
}

/// The caller has closed the socket.
void Connections::Refuse(std::uint32_t number) {
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_tls()->set_connection(number);
    entry.mutable_tls()->set_reason("closed: no memory is left for another connection");
  });
}

void Connections::Serve(const UniqueFd& socket, Setup setup, std::atomic<bool>& speaks) {
  if (setup.plaintext) speaks = true;
  if (setup.network.empty()) {
    setup.plaintext ? ServePlain(socket.get(), std::move(setup))
                    : ServeTls(socket.get(), std::move(setup), speaks);
  } else {
    Relay relay(std::move(setup.network), socket.get(), stopped_.get());
    const UniqueFd wire = relay.TakeInner();
    if (!wire) return;
    setup.plaintext ? ServePlain(wire.get(), std::move(setup))
                    : ServeTls(wire.get(), std::move(setup), speaks);
    speaks = true;  // only the last bytes are to be sent
    CloseGently(wire.get(), stopped_.get());
  }
  speaks = true;
  CloseGently(socket.get(), stopped_.get());
}

/// Uses a relay even when there is no fault: the gRPC server closes the socket that it gets, but
/// Serve() must close the client's socket itself, after CloseGently().
void Connections::ServePlain(int wire, Setup setup) {
  Relay relay(std::move(setup.http2), wire, hanging_up_.get());
  if (UniqueFd inner = relay.TakeInner()) adopt_(std::move(inner), setup.cut);
}

void Connections::ServeTls(int wire, Setup setup, std::atomic<bool>& speaks) {
  const SslPtr ssl = tls_.NewConnection(wire);
  if (!ssl || !ShakeHands(ssl.get(), setup)) return;
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return;
  UniqueFd plain(ends[0]);
  UniqueFd servers(ends[1]);
  const PumpWork work{.key_updates = tls_.NextKeyUpdates(),
                      .keeps_http2_honest = honest_http2_ && setup.http2.empty()};
  const PumpEnds pump_ends{.hang_up = hanging_up_.get(),
                           .stop = stopped_.get(),
                           .plain_cut = setup.cut.get(),
                           .speaks = &speaks,
                           .speaks_until_ns = setup.speaks_until_ns};
  if (setup.http2.empty()) {
    adopt_(std::move(servers), setup.cut);
    Pump(ssl.get(), plain.get(), pump_ends, work);
    return;
  }
  Relay relay(std::move(setup.http2), servers.get(), stopped_.get());
  UniqueFd inner = relay.TakeInner();
  if (!inner) return;
  adopt_(std::move(inner), setup.cut);
  Pump(ssl.get(), plain.get(), pump_ends, work);
  plain.Reset();
}

bool Connections::ShakeHands(SSL* ssl, const Setup& setup) {
  const TlsResult result = tls_.Handshake(ssl, {stopped_.get(), setup.speaks_until_ns});
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
