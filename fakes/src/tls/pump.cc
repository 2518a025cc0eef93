#include "fakes/src/tls/pump.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

/// Longest time for which CloseGently() reads from the peer.
constexpr std::int64_t kDrainNs = 1'000'000'000;

/// Bytes read from one side and not yet written to the other.
struct Buffer {
  std::array<char, 16'384> bytes;
  size_t begin = 0;
  size_t end = 0;

  bool empty() const { return begin == end; }
  void Fill(size_t size) {
    begin = 0;
    end = size;
  }
};

/// Both directions of a pump. Never blocks: Step() moves what it can, Pump() waits.
class Transfer {
 public:
  Transfer(SSL* ssl, int plain) : ssl_(ssl), plain_(plain) {}

  /// Moves all bytes that can be moved without waiting. False when the pump must end. Otherwise the
  /// two functions below return the events to wait for.
  bool Step() {
    tls_events_ = 0;
    plain_events_ = 0;
    bool moved = true;
    while (moved && !done_) {
      moved = ReadTls();
      moved = WritePlain() || moved;
      moved = ReadPlain() || moved;
      moved = WriteTls() || moved;
    }
    return !done_;
  }

  /// From now on, treats the plain side as closed as soon as it has nothing to read.
  void HangUp() { hanging_up_ = true; }

  PumpEnd end() const { return end_; }

  short tls_events() const { return tls_events_; }
  short plain_events() const { return plain_events_; }

 private:
  /// Records the events that a failed TLS call waits for. False when the connection has ended. (A
  /// TLS read may have to wait until the socket is writable, and a write until it is readable.)
  bool Retry(int outcome) {
    const int error = SSL_get_error(ssl_, outcome);
    if (error == SSL_ERROR_WANT_READ) tls_events_ |= POLLIN;
    if (error == SSL_ERROR_WANT_WRITE) tls_events_ |= POLLOUT;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  }

  bool ReadTls() {
    if (tls_ended_ || !in_.empty()) return false;
    ERR_clear_error();
    const int got = SSL_read(ssl_, in_.bytes.data(), static_cast<int>(in_.bytes.size()));
    if (got > 0) {
      in_.Fill(static_cast<size_t>(got));
      return true;
    }
    if (!Retry(got)) {
      tls_ended_ = true;
      end_ = PumpEnd::client;
      shutdown(plain_, SHUT_WR);
    }
    return false;
  }

  bool WritePlain() {
    if (in_.empty()) return false;
    const ssize_t sent =
        send(plain_, in_.bytes.data() + in_.begin, in_.end - in_.begin, MSG_NOSIGNAL);
    if (sent > 0) {
      in_.begin += static_cast<size_t>(sent);
      return true;
    }
    if (errno == EAGAIN) {
      plain_events_ |= POLLOUT;
    } else {
      in_.Fill(0);  // the server has closed: drop the bytes
    }
    return false;
  }

  bool ReadPlain() {
    if (!out_.empty()) return false;
    const ssize_t got = recv(plain_, out_.bytes.data(), out_.bytes.size(), 0);
    if (got > 0) {
      out_.Fill(static_cast<size_t>(got));
      return true;
    }
    if (got < 0 && errno == EAGAIN && !hanging_up_) {
      plain_events_ |= POLLIN;
    } else {
      if (!tls_ended_) SSL_shutdown(ssl_);
      done_ = true;
    }
    return false;
  }

  bool WriteTls() {
    if (out_.empty()) return false;
    ERR_clear_error();
    const int sent =
        SSL_write(ssl_, out_.bytes.data() + out_.begin, static_cast<int>(out_.end - out_.begin));
    if (sent > 0) {
      out_.begin += static_cast<size_t>(sent);
      return true;
    }
    if (!Retry(sent)) {
      done_ = true;
      end_ = PumpEnd::client;
    }
    return false;
  }

  SSL* ssl_;
  int plain_;
  Buffer in_;
  Buffer out_;
  short tls_events_ = 0;
  short plain_events_ = 0;
  bool tls_ended_ = false;
  bool hanging_up_ = false;
  bool done_ = false;
  PumpEnd end_ = PumpEnd::server;
};

}  // namespace

PumpEnd Pump(SSL* ssl, int plain, const PumpEnds& ends) {
  Transfer transfer(ssl, plain);
  pollfd fds[] = {{.fd = -1, .events = 0, .revents = 0},
                  {.fd = -1, .events = 0, .revents = 0},
                  {.fd = ends.hang_up, .events = POLLIN, .revents = 0},
                  {.fd = ends.stop, .events = POLLIN, .revents = 0}};
  while (transfer.Step()) {
    // Do not poll a socket without events to wait for: poll(2) would report its POLLHUP at once and
    // the loop would spin.
    fds[0].fd = transfer.tls_events() != 0 ? SSL_get_fd(ssl) : -1;
    fds[0].events = transfer.tls_events();
    fds[1].fd = transfer.plain_events() != 0 ? plain : -1;
    fds[1].events = transfer.plain_events();
    while (poll(fds, 4, -1) < 0) {
    }
    if (fds[3].revents != 0) return PumpEnd::stopped;
    if (fds[2].revents != 0) {
      transfer.HangUp();
      fds[2].fd = -1;
    }
  }
  return transfer.end();
}

void CloseGently(int socket, int stop_fd) {
  shutdown(socket, SHUT_WR);
  const std::int64_t deadline = MonotonicNs() + kDrainNs;
  char unread[4096];
  for (;;) {
    pollfd fds[] = {{.fd = socket, .events = POLLIN, .revents = 0},
                    {.fd = stop_fd, .events = POLLIN, .revents = 0}};
    const std::int64_t left = deadline - MonotonicNs();
    if (left <= 0 || poll(fds, 2, static_cast<int>(left / 1'000'000) + 1) == 0) return;
    if (fds[1].revents != 0) return;
    if (fds[0].revents != 0 && recv(socket, unread, sizeof unread, 0) <= 0) return;
  }
}

}  // namespace zlayer::fakes::daemon
