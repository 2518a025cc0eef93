// Writes to a disk that may be almost full.

#pragma once

#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace zlayer::fakes::daemon {

/// Writes all bytes, however few the kernel takes at a time. False, with errno, when it takes no
/// more: an almost full disk takes a part of the bytes first, and that is no error yet.
inline bool WriteFully(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace zlayer::fakes::daemon
