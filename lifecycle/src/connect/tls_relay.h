// Carries bytes between a TLS connection and a plain socket, on the loop's thread.
//
//   gRPC  <- socket pair, plaintext HTTP/2 ->  TlsRelay  <- TCP, TLS ->  sidecar
//
// There are two reasons not to use gRPC's own TLS. gRPC reports an alert of the peer as "Socket
// closed"; the relay keeps the alert, and OpenSSL's own error. And the relay can close the
// connection while somebody still holds a stub.
//
// Flow control: the relay reads from one side only when the other side has taken all that was read
// before. So it holds at most one buffer per direction, and a slow reader slows its writer. A turn
// of one relay on the loop's thread is short, whatever its peer sends.
//
// Once the server has sent GOAWAY and no call is open, the relay closes the connection. gRPC, which
// does not read an idle channel, would leave the PING of a drain unanswered, and the deployed
// daemon waits 5 s for the answer before it exits.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/connect/dial.h"
#include "lifecycle/src/connect/goaway_watch.h"
#include "lifecycle/src/connect/tls_session.h"

namespace zlayer::sidecar {

/// What `on_ending` of a relay tells.
enum class Ending {
  leaving,  // the server has sent GOAWAY, or takes nothing more: no new call will be answered
  ended     // the connection is closed
};

/// Thread-safety: public methods may be called from any thread. The loop's watches own the object
/// until the connection has ended.
class TlsRelay : public std::enable_shared_from_this<TlsRelay> {
 public:
  using OnEnding = std::function<void(Ending)>;

  /// `plain`: our end of the socket pair, non-blocking. `on_ending` runs on the loop's thread, at
  /// most once with each Ending.
  static std::shared_ptr<TlsRelay> Start(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                                         OnEnding on_ending);

  /// Sends close_notify and closes the connection, on the loop's thread. Output that the socket
  /// does not take at once is dropped. Does not block.
  void Close();

  /// Why the connection ended; empty while it is open.
  std::optional<TlsEnd> End() const;

 private:
  /// The size of a read: more than the socket buffer of either side returns at once.
  static constexpr size_t kChunk = 128 * 1024;

  TlsRelay(EventLoop* loop, TlsConnection connection, UniqueFd plain, OnEnding on_ending);

  // On the loop's thread:
  void Watch();
  void OnSocket(std::uint32_t epoll_events);
  void OnPlain(std::uint32_t epoll_events);
  void Carry();
  bool Receive();
  bool Decrypt();
  bool SendPlain();
  bool Encrypt();
  bool SendCipher();
  bool TakesPlain() const;
  std::optional<TlsEnd> WhyEnded();
  void UpdateInterest();
  void TellLeaving();
  void Finish(TlsEnd end);

  EventLoop* const loop_;  // outlives the connection: see EventLoop::Hold
  // Loop's thread only.
  UniqueFd socket_;
  UniqueFd plain_;  // open until the destructor: see Finish
  std::unique_ptr<TlsSession> session_;
  GoawayWatch streams_;
  OnEnding on_ending_;
  bool told_leaving_ = false;
  // First ciphertext from the socket, then the plaintext that the session makes of it.
  std::unique_ptr<std::array<char, kChunk>> plain_buffer_;
  // What gRPC sends. Not on the stack, which a thread's guard page protects from small frames only.
  std::unique_ptr<std::array<char, kChunk>> client_buffer_;
  std::string_view to_plain_;    // part of plain_buffer_: decrypted, not yet taken by gRPC
  bool more_to_decrypt_ = true;  // the session may hold input that is not decrypted yet
  // False from a read that emptied the socket until epoll reports it again. Saves the reads that
  // would only return EAGAIN.
  bool socket_readable_ = true;
  bool plain_readable_ = true;
  std::uint32_t socket_interest_ = 0;  // the epoll events that the loop watches for
  std::uint32_t plain_interest_ = 0;
  std::optional<int> socket_end_;  // set when the peer's bytes have ended: errno, or 0 for EOF
  bool plain_ended_ = false;       // gRPC has closed its end
  bool socket_hung_up_ = false;    // both directions have ended; the loop no longer watches it
  bool plain_hung_up_ = false;
  bool goes_on_ = false;  // the next turn is posted

  mutable std::mutex mutex_;
  std::optional<TlsEnd> end_;  // guarded by mutex_
};

}  // namespace zlayer::sidecar
