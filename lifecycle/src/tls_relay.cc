#include "tls_relay.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace zlayer::sidecar {
namespace {

constexpr size_t kChunk = 64 * 1024;
/// Rounds before the loop's other users have their turn.
constexpr int kFairRounds = 16;

enum class Moved { some, nothing, ended };

/// recv(2) in terms of progress.
Moved ReceiveSome(int fd, std::array<char, kChunk>* buffer, size_t* size) {
  const ssize_t got = ::recv(fd, buffer->data(), buffer->size(), 0);
  if (got > 0) {
    *size = static_cast<size_t>(got);
    return Moved::some;
  }
  const bool later = got < 0 && (errno == EAGAIN || errno == EINTR);
  return later ? Moved::nothing : Moved::ended;
}

/// send(2) in terms of progress.
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
                                          std::function<void()> on_going) {
  std::shared_ptr<TlsRelay> relay(
      new TlsRelay(loop, std::move(connection), std::move(plain), std::move(on_going)));
  loop->Post([relay] { relay->Watch(); });
  return relay;
}

TlsRelay::TlsRelay(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                   std::function<void()> on_going)
    : loop_(loop),
      socket_(std::move(connection.socket)),
      plain_(std::move(plain)),
      session_(std::move(connection.session)),
      on_going_(std::move(on_going)) {}

void TlsRelay::Watch() {
  loop_->Hold();
  loop_->Watch(socket_.get(), EPOLLIN,
               [self = shared_from_this()](std::uint32_t) { self->Carry(); });
  loop_->Watch(plain_.get(), EPOLLIN,
               [self = shared_from_this()](std::uint32_t) { self->Carry(); });
  Carry();  // the server's first words may have come with its Finished
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

/// Moves bytes both ways until nothing moves, which is when an EPOLLIN or EPOLLOUT has to come
/// first.
void TlsRelay::Carry() {
  if (End()) return;
  for (int round = 0; round < kFairRounds; ++round) {
    bool moved = Receive();
    moved |= Decrypt();
    moved |= SendPlain();
    moved |= Encrypt();
    moved |= SendCipher();
    if (!moved) break;
  }
  const bool delivered = to_plain_.empty() || plain_ended_;
  if (delivered && socket_ended_) session_->FeedEnd();
  if (delivered && session_->end()) return Finish(*session_->end());
  if (plain_ended_) {
    session_->SendCloseNotify();
    SendCipher();
    return Finish({TlsEnd::By::finished, "the channel was closed"});
  }
  UpdateInterest();
}

bool TlsRelay::Receive() {
  if (socket_ended_ || !to_plain_.empty() || session_->end()) return false;
  std::array<char, kChunk> buffer;
  size_t size = 0;
  const Moved moved = ReceiveSome(socket_.get(), &buffer, &size);
  socket_ended_ = moved == Moved::ended;
  if (moved == Moved::some) session_->Feed({buffer.data(), size});
  return moved == Moved::some;
}

bool TlsRelay::Decrypt() {
  if (!to_plain_.empty()) return false;
  session_->Read(&to_plain_);  // a failure stays in session_->end()
  if (goaway_.Saw(to_plain_)) on_going_();
  return !to_plain_.empty();
}

bool TlsRelay::SendPlain() {
  if (to_plain_.empty() || plain_ended_) return false;
  size_t size = 0;
  const Moved moved = SendSome(plain_.get(), to_plain_, &size);
  if (moved == Moved::ended) plain_ended_ = true;
  if (moved == Moved::some) to_plain_.erase(0, size);
  return moved == Moved::some;
}

bool TlsRelay::Encrypt() {
  if (plain_ended_ || session_->end() || !session_->Output().empty()) return false;
  std::array<char, kChunk> buffer;
  size_t size = 0;
  const Moved moved = ReceiveSome(plain_.get(), &buffer, &size);
  if (moved == Moved::ended) plain_ended_ = true;
  if (moved == Moved::some) session_->Write({buffer.data(), size});
  return moved == Moved::some;
}

bool TlsRelay::SendCipher() {
  if (session_->Output().empty()) return false;
  size_t size = 0;
  const Moved moved = SendSome(socket_.get(), session_->Output(), &size);
  // A peer that takes no more may have said why: that is read first.
  if (moved == Moved::ended) session_->TakeOutput(session_->Output().size());
  if (moved == Moved::some) session_->TakeOutput(size);
  return moved == Moved::some;
}

void TlsRelay::UpdateInterest() {
  const bool plain_waits = !to_plain_.empty();
  const bool cipher_waits = !session_->Output().empty();
  loop_->ChangeEvents(socket_.get(), (plain_waits ? 0u : EPOLLIN) | (cipher_waits ? EPOLLOUT : 0u));
  loop_->ChangeEvents(plain_.get(), (cipher_waits ? 0u : EPOLLIN) | (plain_waits ? EPOLLOUT : 0u));
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
  plain_.reset();  // last: who sees its end finds the reason in End()
  on_going_();
  on_going_ = nullptr;
  loop_->Release();
}

}  // namespace zlayer::sidecar
