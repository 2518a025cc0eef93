#include "fakes/src/control/line_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace zlayer::fakes::daemon {

short LineClient::Events() const {
  short events = 0;
  if (!source_ended_ && !finishes_ && out_.size() < kMostUnread) events |= POLLIN;
  if (!out_.empty()) events |= POLLOUT;  // where NextLine() gave up, there are bytes to send
  return events;
}

void LineClient::Receive() {
  std::array<char, 65'536> chunk;
  const ssize_t got = recv(socket_.get(), chunk.data(), chunk.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got > 0) in_.append(chunk.data(), static_cast<size_t>(got));
  if (got < 0) is_broken_ = true;
  if (got > 0) return;
  source_ended_ = true;
  if (!in_.empty() && !in_.ends_with('\n')) in_ += '\n';
}

std::optional<std::string> LineClient::NextLine() {
  if (out_.size() >= kMostUnread) Send();
  if (finishes_ || out_.size() >= kMostUnread) return {};
  const size_t end = in_.find('\n');
  if (end == in_.npos || end > kLongestRequest) return {};
  std::string line = in_.substr(0, end);
  in_.erase(0, end + 1);
  return line;
}

bool LineClient::IsTooLong() const {
  return !finishes_ && std::min(in_.find('\n'), in_.size()) > kLongestRequest;
}

void LineClient::Send() {
  if (out_.empty()) return;
  const ssize_t sent = send(socket_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    out_.erase(0, static_cast<size_t>(sent));
  } else if (errno != EAGAIN && errno != EINTR) {
    is_broken_ = true;
  }
}

void LineClient::Finish() {
  finishes_ = true;
  in_.clear();
}

bool LineClient::HasEnded() const {
  if (is_broken_) return true;
  if (!out_.empty()) return false;
  return finishes_ || (source_ended_ && in_.empty() && !follows_);
}

}  // namespace zlayer::fakes::daemon
