// Paths as the sidecar sees them.
//
//   ContextMount mount{"/home/me/src", "/workspace"};
//   request.set_context_dir(GuestPath(mount, "/home/me/src/app"));  // "/workspace/app"

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// Where a directory of this machine appears in the sidecar's.
struct ContextMount {
  std::string host_prefix;
  std::string guest_prefix;
};

/// `path` with the host's prefix replaced by the guest's when it is the prefix itself or lies below
/// it; else unchanged. Whole components are compared: /src2 is not below /src.
std::string GuestPath(const ContextMount& mount, std::string_view path);

}  // namespace zlayer::sidecar
