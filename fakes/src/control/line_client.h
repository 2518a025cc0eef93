// One client of the control socket: bytes in, lines, bytes out. It never waits.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {

/// Longest request, without its newline.
inline constexpr size_t kLongestRequest = size_t{1} << 20;
/// When more bytes than this wait for a client, no further request of it is read.
inline constexpr size_t kMostUnread = 64 * 1024;
/// A follower for which more bytes than this wait is disconnected.
inline constexpr size_t kMostFollowed = size_t{1} << 20;

/// Not thread-safe. The socket is non-blocking.
class LineClient {
 public:
  explicit LineClient(UniqueFd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }
  /// The events of poll(2) to wait for.
  short Events() const;

  /// Reads what has come, once. At the end of the stream, bytes without a newline are a line, too.
  void Receive();
  /// The next line that may be answered now. Nullopt: none has come, or the client does not read.
  std::optional<std::string> NextLine();
  /// True when the line that has begun is longer than a request may be.
  bool IsTooLong() const;

  void Queue(std::string_view bytes) { out_ += bytes; }
  /// Sends what the socket takes.
  void Send();
  /// Takes no further line, and ends when all has been sent.
  void Finish();
  /// The peer has closed both directions. What it sent before is still read.
  void HangUp() { is_broken_ = is_broken_ || source_ended_ || finishes_; }
  /// Ends at once.
  void Break() { is_broken_ = true; }
  /// True when the client can be closed.
  bool HasEnded() const;

  void Follow() { follows_ = true; }
  bool follows() const { return follows_; }
  size_t unread() const { return out_.size(); }

 private:
  UniqueFd socket_;
  std::string in_;
  std::string out_;
  bool source_ended_ = false;
  bool finishes_ = false;
  bool is_broken_ = false;
  bool follows_ = false;
};

}  // namespace zlayer::fakes::daemon
