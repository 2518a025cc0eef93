// A file descriptor that closes itself.

#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace zlayer::sidecar {

class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(std::exchange(other.fd_, -1));
    return *this;
  }
  ~UniqueFd() { reset(); }

  /// -1: none.
  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

/// Ends a connection and closes our descriptor of it. A close alone ends nothing while a process
/// that was forked meanwhile has a copy of the descriptor.
inline void HangUp(UniqueFd* socket) {
  ::shutdown(socket->get(), SHUT_RDWR);
  socket->reset();
}

}  // namespace zlayer::sidecar
