#include "fakes/src/tls/pump.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <string>
#include <utility>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/http2/honest_http2.h"

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
  Transfer(SSL* ssl, int plain, const PumpEnds& ends, const PumpWork& work)
      : ssl_(ssl),
        plain_(plain),
        ends_(ends),
        updates_(work.key_updates),
        honest_(work.keeps_http2_honest) {}

  /// Moves all bytes that can be moved without waiting. False when the pump must end. Otherwise the
  /// two functions below return the events to wait for.
  bool Step() {
    tls_events_ = 0;
    plain_events_ = 0;
    bool moved = true;
    while (moved && !done_) {
      // The whole storm comes before the first answer, so that every client meets all of it.
      while (UpdateKey()) {
      }
      moved = ReadTls();
      if (done_) break;  // the client has broken a rule
      moved = WritePlain() || moved;
      moved = ReadPlain() || moved;
      moved = WriteTls() || moved;
    }
    return !done_;
  }

  /// The TLS peer has sent something.
  bool Speaks() const { return !ends_.speaks || *ends_.speaks; }

  /// Milliseconds until the peer must have spoken; -1: for ever.
  int Patience() const { return Speaks() ? -1 : MillisecondsUntil(ends_.speaks_until_ns); }

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

  /// Sends one message of the storm, if one is left.
  bool UpdateKey() {
    if (updates_.count == 0) return false;
    ERR_clear_error();
    if (SSL_get_key_update_type(ssl_) == SSL_KEY_UPDATE_NONE) {
      SSL_key_update(
          ssl_, updates_.ask_for_answer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    }
    const int sent = SSL_do_handshake(ssl_);
    if (sent == 1) {
      --updates_.count;
    } else if (!Retry(sent)) {
      done_ = true;
    }
    return sent == 1;
  }

  bool ReadTls() {
    if (tls_ended_ || !in_.empty()) return false;
    ERR_clear_error();
    const int got = SSL_read(ssl_, in_.bytes.data(), static_cast<int>(in_.bytes.size()));
    if (got > 0) {
      if (ends_.speaks) *ends_.speaks = true;
      const auto size = static_cast<size_t>(got);
      const size_t admitted = honest_ ? http2_.Admit({in_.bytes.data(), size}) : size;
      in_.Fill(admitted);
      if (admitted < size) EndByRule();
      return true;
    }
    if (!Retry(got)) {
      tls_ended_ = true;
      end_ = PumpEnd::client;
      if (ends_.peer_cut && SSL_get_error(ssl_, got) != SSL_ERROR_ZERO_RETURN) {
        *ends_.peer_cut = true;
      }
      shutdown(plain_, SHUT_WR);
      done_ = plain_ended_;
    }
    return false;
  }

  /// The client has broken a rule of HTTP/2.
  void EndByRule() {
    const std::string farewell = http2_.Farewell();
    if (out_.empty() && !farewell.empty()) {
      SSL_write(ssl_, farewell.data(), static_cast<int>(farewell.size()));
    }
    SSL_shutdown(ssl_);
    done_ = true;
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
    if (!out_.empty() || (plain_ended_ && !Speaks())) return false;
    const ssize_t got = recv(plain_, out_.bytes.data() + begun_, out_.bytes.size() - begun_, 0);
    if (got > 0) {
      Take(static_cast<size_t>(got));
      return true;
    }
    if (got < 0 && errno == EAGAIN && !(hanging_up_ && Speaks())) {
      plain_events_ |= POLLIN;
    } else if (!Speaks() && !tls_ended_) {
      plain_ended_ = true;
    } else {
      const bool is_cut = ends_.plain_cut && *ends_.plain_cut;
      if (!tls_ended_ && !is_cut) SSL_shutdown(ssl_);
      done_ = true;
    }
    return false;
  }

  /// Takes bytes of the server, which are in out_ behind those of an incomplete first frame.
  void Take(size_t got) {
    size_t size = std::exchange(begun_, 0) + got;
    if (honest_ && !http2_.announced()) {
      const size_t changed = http2_.Announce(out_.bytes.data(), size);
      if (!http2_.announced()) begun_ = size;
      size = changed;
    }
    if (honest_) http2_.Follow({out_.bytes.data(), size});
    out_.Fill(size);
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
  const PumpEnds& ends_;
  KeyUpdates updates_;  // those that are left
  const bool honest_;   // the rules of http2_ apply
  HonestHttp2 http2_;
  size_t begun_ = 0;  // bytes of the server's first frame, while it is incomplete
  Buffer in_;
  Buffer out_;
  short tls_events_ = 0;
  short plain_events_ = 0;
  bool tls_ended_ = false;
  bool plain_ended_ = false;  // and the client has not spoken yet
  bool hanging_up_ = false;
  bool done_ = false;
  PumpEnd end_ = PumpEnd::server;
};

}  // namespace

PumpEnd Pump(SSL* ssl, int plain, const PumpEnds& ends, const PumpWork& work) {
  Transfer transfer(ssl, plain, ends, work);
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
    int ready = 0;
    while ((ready = poll(fds, 4, transfer.Patience())) < 0) {
    }
    if (fds[3].revents != 0) return PumpEnd::stopped;
    if (ready == 0 && transfer.Patience() == 0) return PumpEnd::server;
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
