// Plain blocking sockets for tests: connect, send and receive with time limits.

#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/fixture/unique_fd.h"

namespace zlayer::fakes {

/// Waits for `events`, an error or the end of the stream. False: none came within the limit.
inline bool Comes(int fd, short events, std::chrono::milliseconds limit) {
  pollfd waited{.fd = fd, .events = events, .revents = 0};
  return poll(&waited, 1, static_cast<int>(limit.count())) == 1;
}

/// Connects to this port of 127.0.0.1. Empty if that fails.
inline fixture::UniqueFd Dial(const std::string& port) {
  fixture::UniqueFd dialled(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* to = reinterpret_cast<const sockaddr*>(&address);
  if (connect(dialled.get(), to, sizeof address) != 0) dialled.Reset();
  return dialled;
}

inline bool SendAll(int fd, std::string_view bytes) {
  return send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size());
}

/// The bytes that came, and why reading ended.
struct Received {
  std::string bytes;
  int error = 0;  ///< errno; 0: the stream ended, or all bytes have come
};

/// Reads `size` bytes, or up to the end of the stream. ETIMEDOUT: for `limit` no byte came.
inline Received Receive(int fd, size_t size = std::string::npos,
                        std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  Received received;
  char chunk[4096];
  while (received.bytes.size() < size) {
    if (!Comes(fd, POLLIN, limit)) return {received.bytes, ETIMEDOUT};
    const ssize_t got =
        recv(fd, chunk, std::min(sizeof chunk, size - received.bytes.size()), MSG_DONTWAIT);
    if (got < 0) return {received.bytes, errno};
    if (got == 0) break;
    received.bytes.append(chunk, static_cast<size_t>(got));
  }
  return received;
}

/// Sends until the peer takes no byte for `silence`, or has taken `limit` bytes. Returns how many
/// bytes were taken.
inline size_t SendUntilBlocked(int fd, size_t limit, std::chrono::milliseconds silence) {
  const std::string chunk(64 * 1024, 'x');
  size_t taken = 0;
  while (taken < limit && Comes(fd, POLLOUT, silence)) {
    const ssize_t sent = send(fd, chunk.data(), chunk.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN) break;
    if (sent > 0) taken += static_cast<size_t>(sent);
  }
  return taken;
}

}  // namespace zlayer::fakes
