// One recv(2) or send(2) on a non-blocking socket.

#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>

namespace zlayer::sidecar {

/// What one recv(2) or send(2) achieved. After `nothing`, epoll tells when to try again.
enum class Moved { some, nothing, ended };

/// Receives once. A read that does not fill the buffer has emptied the socket: `readable` becomes
/// false. After Moved::ended, errno tells why; 0 is the end of file.
inline Moved ReceiveSome(int fd, std::span<char> buffer, size_t* size, bool* readable) {
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

inline Moved SendSome(int fd, std::string_view bytes, size_t* size) {
  const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) {
    *size = static_cast<size_t>(sent);
    return Moved::some;
  }
  return errno == EAGAIN || errno == EINTR ? Moved::nothing : Moved::ended;
}

}  // namespace zlayer::sidecar
