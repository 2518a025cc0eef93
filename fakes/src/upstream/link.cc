#include "fakes/src/upstream/link.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "fakes/src/tls/pump.h"
#include "fakes/src/tls/wait_for.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// Connects a non-blocking socket. Returns errno; ECANCELED: `stop_fd` is readable.
int Connect(int socket, const UpstreamAddress& address, int stop_fd) {
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) {
    return 0;
  }
  if (errno != EINPROGRESS) return errno;
  if (!WaitFor(socket, POLLOUT, stop_fd)) return ECANCELED;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// Why the handshake failed; empty when it is complete.
std::string ShakeHands(SSL* ssl, int stop_fd) {
  for (;;) {
    ERR_clear_error();
    const int connected = SSL_connect(ssl);
    if (connected == 1) return "";
    const int error = SSL_get_error(ssl, connected);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
      const long verdict = SSL_get_verify_result(ssl);
      const std::string reason = TakeOpensslError();
      if (verdict != X509_V_OK) return X509_verify_cert_error_string(verdict);
      return reason.empty() ? "the upstream closed the connection" : reason;
    }
    const short events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    if (!WaitFor(SSL_get_fd(ssl), events, stop_fd)) return "the fake stops";
  }
}

}  // namespace

Links::Links(SslContextPtr context, const UpstreamAddress& address, Journal& journal)
    : context_(std::move(context)),
      address_(address),
      journal_(journal),
      stopped_(eventfd(0, EFD_CLOEXEC)) {}

Links::~Links() {
  eventfd_write(stopped_.get(), 1);
  for (Link& link : links_) link.thread.join();
}

void Links::Carry(UniqueFd plain, std::shared_ptr<std::atomic<bool>> cut) {
  const std::lock_guard lock(mutex_);
  JoinEnded();
  Link& link = links_.emplace_back();
  try {
    link.thread = std::thread(
        [this, &link](const UniqueFd& taken, const std::shared_ptr<std::atomic<bool>>& its_cut) {
          Run(taken.get(), *its_cut);
          link.ended = true;
        },
        std::move(plain), cut);
  } catch (const std::system_error&) {  // no thread left
    *cut = true;
    links_.pop_back();
  }
}

void Links::Run(int plain, std::atomic<bool>& cut) const {
  const UniqueFd socket(
      ::socket(address_.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const SslPtr ssl = Dial(socket.get());
  if (!ssl) {
    cut = true;
    return;
  }
  Pump(ssl.get(), plain, {.hang_up = stopped_.get(), .stop = stopped_.get(), .peer_cut = &cut}, {});
}

SslPtr Links::Dial(int socket) const {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  std::string reason;
  SslPtr ssl(SSL_new(context_.get()));
  if (const int error = Connect(socket, address_, stopped_.get()); error != 0) {
    reason = std::strerror(error);
  } else if (ssl) {
    SSL_set_fd(ssl.get(), socket);
    reason = ShakeHands(ssl.get(), stopped_.get());
  }
  if (reason.empty()) return ssl;
  journal_.Write([&](v1::JournalEntry& entry) { entry.mutable_upstream()->set_error(reason); });
  return nullptr;
}

void Links::JoinEnded() {
  for (auto link = links_.begin(); link != links_.end();) {
    if (!link->ended) {
      ++link;
      continue;
    }
    link->thread.join();
    link = links_.erase(link);
  }
}

}  // namespace zlayer::fakes::daemon
