// Tells a file system that forbids execve(2) from a file that lacks the permission.

#pragma once

#include <sys/statvfs.h>

#include <string>

namespace zlayer::sidecar {

/// Whether the file `path` is on a file system mounted noexec. There access(2) refuses X_OK
/// whatever the file's mode is.
inline bool IsMountedNoexec(const std::string& path) {
  struct statvfs status {};
  return ::statvfs(path.c_str(), &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
}

}  // namespace zlayer::sidecar
