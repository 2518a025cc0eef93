// Carries bytes between a TLS connection and a plain socket, on the loop's thread.
//
// gRPC speaks HTTP/2 in plaintext into one end of a socket pair; the relay holds the other end and
// does the TLS. So the reasons of OpenSSL and the peer's alerts reach us, which gRPC's own
// credentials turn into "Socket closed", and the connection can be closed although somebody still
// holds a stub.

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

/// Thread-safety: public methods may be called from any thread. The loop keeps the object alive
/// until the end.
class TlsRelay : public std::enable_shared_from_this<TlsRelay> {
 public:
  /// `plain`: our non-blocking end of the pair. `on_going` runs at the latest when the connection
  /// ends, and before that when the server says that it will go; on the loop's thread, maybe more
  /// than once.
  static std::shared_ptr<TlsRelay> Start(EventLoop* loop, TlsConnection connection, UniqueFd plain,
                                         std::function<void()> on_going);

  /// Tells the peer (close_notify, FIN) and ends. Does not block.
  void Close();

  /// Why it ended; empty while it carries.
  std::optional<TlsEnd> End() const;

 private:
  /// More than a socket buffer of either side gives at once.
  static constexpr size_t kChunk = 128 * 1024;

  TlsRelay(EventLoop* loop, TlsConnection connection, UniqueFd plain,
           std::function<void()> on_going);

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
  void UpdateInterest();
  void Finish(TlsEnd end);

  EventLoop* const loop_;
  // Loop's thread only.
  UniqueFd socket_;
  UniqueFd plain_;
  std::unique_ptr<TlsSession> session_;
  GoawayWatch goaway_;
  std::function<void()> on_going_;
  std::unique_ptr<std::array<char, kChunk>> plain_room_;
  std::string_view to_plain_;    // of plain_room_: decrypted, not yet taken by gRPC
  bool more_to_decrypt_ = true;  // the session has not asked for input since it got some
  // A read may find something: saves the calls that would only say EAGAIN.
  bool socket_readable_ = true;
  bool plain_readable_ = true;
  std::uint32_t socket_interest_ = 0;  // epoll events, as the loop knows them
  std::uint32_t plain_interest_ = 0;
  std::optional<int> socket_end_;  // nothing more comes from the peer; errno, 0 at an end of file
  bool plain_ended_ = false;       // gRPC closed its end

  mutable std::mutex mutex_;
  std::optional<TlsEnd> end_;  // guarded by mutex_
};

}  // namespace zlayer::sidecar
