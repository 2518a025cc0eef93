#include "zlayer/sidecar/context_mount.h"

namespace zlayer::sidecar {
namespace {

std::string_view WithoutTrailingSlashes(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

}  // namespace

std::string GuestPath(const ContextMount& mount, std::string_view path) {
  std::string_view host = WithoutTrailingSlashes(mount.host_prefix);
  std::string_view guest = WithoutTrailingSlashes(mount.guest_prefix);
  // As an empty prefix, the root contains every absolute path, and no path begins with "//".
  if (host == "/") host = "";
  if (guest == "/") guest = "";
  if (!path.starts_with(host)) return std::string(path);
  const std::string_view below = path.substr(host.size());
  if (!below.empty() && !below.starts_with('/')) return std::string(path);
  if (guest.empty() && below.empty()) return "/";
  return std::string(guest) + std::string(below);
}

}  // namespace zlayer::sidecar
