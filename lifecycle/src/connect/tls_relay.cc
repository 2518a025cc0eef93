#include "lifecycle/src/connect/tls_relay.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <span>
#include <utility>

namespace zlayer::sidecar {
namespace {

/// Rounds of Carry before the loop's other users have their turn.
constexpr int kFairRounds = 16;

/// What one recv(2) or send(2) achieved. After `nothing`, epoll tells when to try again.
enum class Moved { some, nothing, ended };

/// Receives once. A read that does not fill the buffer has emptied the socket: `readable` becomes
/// false. After Moved::ended, errno tells why; 0 is the end of file.
Moved ReceiveSome(int fd, std::span<char> buffer, size_t* size, bool* readable) {
  errno = 0;
  const ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
  *readable = got == static_cast<ssize_t>(buffer.size());
  if (got > 0) {
    *size = static_cast<size_t>(got);
    return Moved::some;
  }
  const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
  return later ? Moved::nothing : Moved::ended;
}

Moved SendSome(int fd, std::string_view bytes, size_t* size) {
  const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    *size = static_cast<size_t>(sent);
    return Moved::some;
  }
  return errno == EAGAIN || errno == EINTR ? Moved::nothing : Moved::ended;
}

}  // namespace

std::shared_ptr<TlsRelay> TlsRelay::Start(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                                          std::function<void()> on_ending) {
  std::shared_ptr<TlsRelay> relay(
      new TlsRelay(loop, std::move(connection), std::move(plain), std::move(on_ending)));
  loop->Post([relay] { relay->Watch(); });
  return relay;
}

TlsRelay::TlsRelay(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                   std::function<void()> on_ending)
    : loop_(loop),
      socket_(std::move(connection.socket)),
      plain_(std::move(plain)),
      session_(std::move(connection.session)),
      on_ending_(std::move(on_ending)),
      plain_buffer_(std::make_unique_for_overwrite<std::array<char, kChunk>>()) {}

void TlsRelay::Watch() {
  loop_->Hold();
  socket_interest_ = plain_interest_ = EPOLLIN;
  loop_->Watch(socket_.get(), EPOLLIN,
               [self = shared_from_this()](std::uint32_t events) { self->OnSocket(events); });
  loop_->Watch(plain_.get(), EPOLLIN,
               [self = shared_from_this()](std::uint32_t events) { self->OnPlain(events); });
  Carry();  // the server's first HTTP/2 bytes may have come with its TLS Finished
}

void TlsRelay::Close() {
  loop_->Post([self = shared_from_this()] {
    if (self->End()) return;
    self->session_->SendCloseNotify();
    self->SendCipher();
    self->Finish({TlsEnd::By::finished, "we closed the connection"});
  });
}

std::optional<TlsEnd> TlsRelay::End() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

void TlsRelay::OnSocket(std::uint32_t epoll_events) {
  socket_readable_ |= (epoll_events & ~EPOLLOUT) != 0;
  Carry();
}

void TlsRelay::OnPlain(std::uint32_t epoll_events) {
  plain_readable_ |= (epoll_events & ~EPOLLOUT) != 0;
  Carry();
}

/// Moves bytes in both directions until no step makes progress without a new epoll event.
void TlsRelay::Carry() {
  if (End()) return;
  bool moved = true;
  for (int round = 0; moved && round < kFairRounds; ++round) {
    moved = Receive();
    moved |= Decrypt();
    moved |= SendPlain();
    moved |= Encrypt();
    moved |= SendCipher();
  }
  // The rounds are used up. Bytes inside the session make no descriptor ready, so epoll might not
  // call us again.
  if (moved) loop_->Post([self = shared_from_this()] { self->Carry(); });
  // gRPC gets everything that the server sent before it sees the end.
  const bool delivered = to_plain_.empty() || plain_ended_;
  if (delivered && socket_end_) session_->FeedEnd(*socket_end_);
  if (delivered && session_->end()) return Finish(*session_->end());
  if (plain_ended_) {
    session_->SendCloseNotify();
    SendCipher();
    return Finish({TlsEnd::By::channel, "the channel was closed"});
  }
  UpdateInterest();
}

bool TlsRelay::Receive() {
  if (!socket_readable_ || socket_end_ || session_->end()) return false;
  if (!to_plain_.empty() || more_to_decrypt_) return false;  // the buffer is in use
  size_t size = 0;
  const Moved moved = ReceiveSome(socket_.get(), *plain_buffer_, &size, &socket_readable_);
  if (moved == Moved::ended) socket_end_ = errno;
  if (moved == Moved::some) session_->Feed({plain_buffer_->data(), size});
  more_to_decrypt_ = moved == Moved::some;
  return moved == Moved::some;
}

bool TlsRelay::Decrypt() {
  if (!to_plain_.empty() || !more_to_decrypt_) return false;
  size_t size = 0;
  // A failure is kept in session_->end(), which Carry checks.
  more_to_decrypt_ = session_->Read(*plain_buffer_, &size) == TlsSession::Progress::done;
  to_plain_ = {plain_buffer_->data(), size};
  if (goaway_.Feed(to_plain_)) on_ending_();
  return size > 0;
}

bool TlsRelay::SendPlain() {
  if (to_plain_.empty() || plain_ended_) return false;
  size_t size = 0;
  const Moved moved = SendSome(plain_.get(), to_plain_, &size);
  if (moved == Moved::ended) plain_ended_ = true;
  if (moved == Moved::some) to_plain_.remove_prefix(size);
  return moved == Moved::some;
}

bool TlsRelay::Encrypt() {
  if (!plain_readable_ || plain_ended_ || session_->end() || !session_->Output().empty()) {
    return false;
  }
  std::array<char, kChunk> buffer;
  size_t size = 0;
  const Moved moved = ReceiveSome(plain_.get(), buffer, &size, &plain_readable_);
  if (moved == Moved::ended) plain_ended_ = true;
  if (moved == Moved::some) session_->Write({buffer.data(), size});
  return moved == Moved::some;
}

bool TlsRelay::SendCipher() {
  if (session_->Output().empty()) return false;
  size_t size = 0;
  const Moved moved = SendSome(socket_.get(), session_->Output(), &size);
  // A peer that takes no more may have sent its reason before. Drop the output and go on reading.
  if (moved == Moved::ended) session_->TakeOutput(session_->Output().size());
  if (moved == Moved::some) session_->TakeOutput(size);
  return moved == Moved::some;
}

/// Watches one side for input only when the other side has taken everything. Otherwise the input,
/// which nobody reads, would wake the level-triggered loop again and again.
void TlsRelay::UpdateInterest() {
  const bool plain_waits = !to_plain_.empty();
  const bool cipher_waits = !session_->Output().empty();
  const auto change = [this](int fd, std::uint32_t events, std::uint32_t* known) {
    if (events != std::exchange(*known, events)) loop_->ChangeEvents(fd, events);
  };
  change(socket_.get(), (plain_waits ? 0u : EPOLLIN) | (cipher_waits ? EPOLLOUT : 0u),
         &socket_interest_);
  change(plain_.get(), (cipher_waits ? 0u : EPOLLIN) | (plain_waits ? EPOLLOUT : 0u),
         &plain_interest_);
}

void TlsRelay::Finish(TlsEnd end) {
  const auto self = shared_from_this();
  {
    const std::lock_guard lock(mutex_);
    end_ = std::move(end);
  }
  loop_->Unwatch(socket_.get());
  loop_->Unwatch(plain_.get());
  socket_.reset();
  plain_.reset();  // after end_ is set: when gRPC reports the end, End() has the reason
  on_ending_();
  on_ending_ = nullptr;
  loop_->Release();
}

}  // namespace zlayer::sidecar
