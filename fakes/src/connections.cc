#include "fakes/src/connections.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "fakes/src/monotonic.h"
#include "fakes/src/tls/pump.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {
namespace {

void Raise(const UniqueFd& event) { eventfd_write(event.get(), 1); }

}  // namespace

Connections::Connections(const TlsServer& tls, Journal& journal, const Log& log,
                         AdoptConnection adopt)
    : tls_(tls),
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
  const std::uint32_t number = ++accepted_;
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_accepted()->set_connection(number);
    entry.mutable_accepted()->set_peer(peer);
  });
  if (tls_.plaintext()) {
    tls_.NotePlaintext();
    plaintext_.emplace_back(fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
    adopt_(std::move(socket));
    return;
  }
  Connection& connection = open_.emplace_back();
  connection.thread = std::thread(
      [this, number, &connection](UniqueFd taken) {
        Serve(std::move(taken), number);
        connection.ended = true;
        Raise(some_ended_);
      },
      std::move(socket));
}

void Connections::Serve(UniqueFd socket, std::uint32_t number) {
  ServeTls(socket.get(), number);
  CloseGently(socket.get(), stopped_.get());
}

void Connections::ServeTls(int socket, std::uint32_t number) {
  const SslPtr ssl = tls_.NewConnection(socket);
  if (!ssl) return;
  const TlsResult result = tls_.Handshake(ssl.get(), draining_.get());
  journal_.Write([&](v1::JournalEntry& entry) {
    v1::TlsVerdict* verdict = entry.mutable_tls();
    verdict->set_connection(number);
    verdict->set_accepted(result.accepted);
    verdict->set_reason(result.reason);
    verdict->set_protocol(result.protocol);
    verdict->set_alpn(result.alpn);
    verdict->set_peer_subject(result.peer_subject);
  });
  if (!result.accepted) {
    log_.Info("TLS handshake refused", {{"reason", result.reason}});
    return;
  }
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) return;
  const UniqueFd plain(ends[0]);
  adopt_(UniqueFd(ends[1]));
  Pump(ssl.get(), plain.get(), {.hang_up = hanging_up_.get(), .stop = stopped_.get()});
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

void Connections::HangUp() {
  Raise(hanging_up_);
  for (const UniqueFd& socket : plaintext_) shutdown(socket.get(), SHUT_RDWR);
}

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
  Raise(stopped_);
  for (Connection& connection : open_) connection.thread.join();
  open_.clear();
}

}  // namespace zlayer::fakes
