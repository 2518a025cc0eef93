// Translates paths of this machine to the paths under which the sidecar sees the same files.
//
//   ContextMount mount{"/home/me/src", "/workspace"};
//   request.set_context_dir(GuestPath(mount, "/home/me/src/app"));  // "/workspace/app"

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// The directory `host_prefix` of this machine appears to the sidecar as `guest_prefix`. Both are
/// absolute paths.
struct ContextMount {
  std::string host_prefix;
  std::string guest_prefix;
};

/// If `path` is host_prefix or lies below it, returns `path` with host_prefix replaced by
/// guest_prefix; else returns `path` unchanged. Whole components are compared: /src2 is not below
/// /src. Looks at the text only, never at the file system. Thread-safe.
std::string GuestPath(const ContextMount& mount, std::string_view path);

}  // namespace zlayer::sidecar
