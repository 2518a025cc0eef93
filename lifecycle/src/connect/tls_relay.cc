#include "lifecycle/src/connect/tls_relay.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "lifecycle/src/connect/socket_io.h"

namespace zlayer::sidecar {
namespace {

/// How long one turn of Carry may go on before the loop's other users have theirs: a call on a
/// sidecar beside a flooding one is answered in milliseconds.
constexpr std::chrono::milliseconds kTurn{1};

/// Whether an event means that `fd` has hung up. Asks the kernel, because a late event may belong
/// to a closed descriptor of the same number.
bool HungUp(int fd, std::uint32_t epoll_events) {
  if ((epoll_events & (EPOLLHUP | EPOLLERR)) == 0) return false;
  pollfd asked{fd, 0, 0};
  return ::poll(&asked, 1, 0) == 1;
}

}  // namespace

std::shared_ptr<TlsRelay> TlsRelay::Start(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                                          OnEnding on_ending) {
  std::shared_ptr<TlsRelay> relay(
      new TlsRelay(loop, std::move(connection), std::move(plain), std::move(on_ending)));
  loop->Post([relay] { relay->Watch(); });
  return relay;
}

TlsRelay::TlsRelay(EventLoop* loop, TlsConnection connection, UniqueFd plain, OnEnding on_ending)
    : loop_(loop),
      socket_(std::move(connection.socket)),
      plain_(std::move(plain)),
      session_(std::move(connection.session)),
      on_ending_(std::move(on_ending)),
      plain_buffer_(std::make_unique_for_overwrite<std::array<char, kChunk>>()),
      client_buffer_(std::make_unique_for_overwrite<std::array<char, kChunk>>()) {}

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
    if (!self->End()) self->Finish({TlsEnd::By::finished, "we closed the connection"});
  });
}

std::optional<TlsEnd> TlsRelay::End() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

/// epoll reports a hang-up whatever it was asked for, again and again. So a socket that has hung up
/// leaves the loop. What it still holds is read when gRPC takes it: such a read never waits.
void TlsRelay::OnSocket(std::uint32_t epoll_events) {
  socket_readable_ |= (epoll_events & ~EPOLLOUT) != 0;
  if (HungUp(socket_.get(), epoll_events)) {
    socket_hung_up_ = true;
    loop_->Unwatch(socket_.get());
  }
  if (!goes_on_) Carry();
  if (socket_hung_up_ && !End()) TellLeaving();
}

void TlsRelay::OnPlain(std::uint32_t epoll_events) {
  plain_readable_ |= (epoll_events & ~EPOLLOUT) != 0;
  plain_hung_up_ |= HungUp(plain_.get(), epoll_events);
  if (!goes_on_) Carry();
}

/// Moves bytes in both directions until no step makes progress without a new epoll event, or the
/// turn is over.
void TlsRelay::Carry() {
  if (End()) return;
  const Deadline turn_ends = DeadlineIn(kTurn);
  bool moved = true;
  do {
    moved = Receive();
    moved |= Decrypt();
    moved |= SendPlain();
    moved |= Encrypt();
    moved |= SendCipher();
  } while (moved && Clock::now() < turn_ends);
  if (auto end = WhyEnded()) return Finish(std::move(*end));
  UpdateInterest();
  // Bytes inside the session make no descriptor ready, so epoll might not call us again.
  goes_on_ = moved;
  if (goes_on_) loop_->Post([self = shared_from_this()] { self->Carry(); });
}

bool TlsRelay::Receive() {
  if (!socket_readable_ || socket_end_ || session_->end()) return false;
  if (!to_plain_.empty() || more_to_decrypt_) return false;  // the buffer is in use
  size_t size = 0;
  const Moved moved = ReceiveSome(socket_.get(), *plain_buffer_, &size, &socket_readable_);
  socket_readable_ |= socket_hung_up_;
  if (moved == Moved::ended) socket_end_ = errno;
  if (moved == Moved::some) session_->Feed({plain_buffer_->data(), size});
  more_to_decrypt_ = moved == Moved::some;
  return moved == Moved::some;
}

bool TlsRelay::Decrypt() {
  if (!to_plain_.empty() || !more_to_decrypt_) return false;
  size_t size = 0;
  // A failure is kept in session_->end(), which WhyEnded looks at.
  more_to_decrypt_ = session_->Read(*plain_buffer_, &size) == TlsSession::Progress::done;
  to_plain_ = {plain_buffer_->data(), size};
  if (streams_.FromServer(to_plain_)) TellLeaving();
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
  if (!plain_readable_ || !TakesPlain()) return false;
  size_t size = 0;
  const Moved moved = ReceiveSome(plain_.get(), *client_buffer_, &size, &plain_readable_);
  plain_readable_ |= plain_hung_up_;
  if (moved == Moved::ended) plain_ended_ = true;
  if (moved == Moved::some) {
    streams_.FromClient({client_buffer_->data(), size});
    session_->Write({client_buffer_->data(), size});
  }
  return moved == Moved::some;
}

bool TlsRelay::SendCipher() {
  if (session_->Output().empty()) return false;
  size_t size = 0;
  const Moved moved = SendSome(socket_.get(), session_->Output(), &size);
  // A peer that takes no more may have sent its reason before. Drop the output and go on reading.
  if (moved == Moved::ended || (moved == Moved::nothing && socket_hung_up_)) {
    session_->TakeOutput(session_->Output().size());
  }
  if (moved == Moved::some) session_->TakeOutput(size);
  return moved == Moved::some;
}

/// Whether what gRPC sends can be encrypted now. If not, its input must not wake the loop.
bool TlsRelay::TakesPlain() const {
  return !plain_ended_ && !session_->end() && session_->Output().empty();
}

/// Empty while the connection goes on.
std::optional<TlsEnd> TlsRelay::WhyEnded() {
  // gRPC gets everything that the server sent before it sees the end.
  const bool delivered = to_plain_.empty() || plain_ended_;
  if (delivered && socket_end_) session_->FeedEnd(*socket_end_);
  if (delivered && session_->end()) return session_->end();
  if (delivered && streams_.Drained()) {
    return TlsEnd{TlsEnd::By::leaving, "it announced its end (GOAWAY), and no call was open"};
  }
  // gRPC has closed its end, and a peer that takes nothing must not hold the rest.
  if (plain_hung_up_ && !session_->Output().empty()) plain_ended_ = true;
  if (plain_ended_) return TlsEnd{TlsEnd::By::channel, "the channel was closed"};
  return std::nullopt;
}

/// Watches one side for input only when the other side has taken everything. Otherwise the input,
/// which nobody reads, would wake the level-triggered loop again and again.
void TlsRelay::UpdateInterest() {
  const bool plain_waits = !to_plain_.empty();
  const bool cipher_waits = !session_->Output().empty();
  const auto change = [this](int fd, std::uint32_t events, std::uint32_t* known) {
    if (events != std::exchange(*known, events)) loop_->ChangeEvents(fd, events);
  };
  if (!socket_hung_up_) {
    change(socket_.get(), (plain_waits ? 0u : EPOLLIN) | (cipher_waits ? EPOLLOUT : 0u),
           &socket_interest_);
  }
  change(plain_.get(), (TakesPlain() ? EPOLLIN : 0u) | (plain_waits ? EPOLLOUT : 0u),
         &plain_interest_);
}

void TlsRelay::TellLeaving() {
  if (!std::exchange(told_leaving_, true)) on_ending_(Ending::leaving);
}

void TlsRelay::Finish(TlsEnd end) {
  const auto self = shared_from_this();
  end.cut_calls = streams_.open_streams() > 0;
  session_->SendCloseNotify();
  SendCipher();
  {
    const std::lock_guard lock(mutex_);
    end_ = std::move(end);
  }
  if (!socket_hung_up_) loop_->Unwatch(socket_.get());
  loop_->Unwatch(plain_.get());
  HangUp(&socket_);
  // After end_ is set: when gRPC reports the end, End() has the reason. Only our direction: at a
  // write that fails, gRPC would drop what it has not read yet, such as the last event of a build.
  ::shutdown(plain_.get(), SHUT_WR);
  on_ending_(Ending::ended);
  on_ending_ = nullptr;
  loop_->Release();
}

}  // namespace zlayer::sidecar
