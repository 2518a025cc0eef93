#include "lifecycle/src/credentials/tls_layout.h"

#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace zlayer::sidecar {
namespace {

/// Empty when `path` cannot be read as a link; errno is EINVAL when it is not a link.
std::optional<std::string> LinkTarget(const std::string& path) {
  char target[PATH_MAX];
  const ssize_t size = ::readlink(path.c_str(), target, sizeof target);
  if (size < 0) return std::nullopt;
  return std::string(target, static_cast<size_t>(size));
}

/// Whether `target` is .sets/<id>. This library writes no other target, so no other is followed.
bool NamesSet(const std::string& target) {
  const std::string prefix = std::string(kSetsDirectory) + "/";
  if (!target.starts_with(prefix)) return false;
  const std::string id = target.substr(prefix.size());
  return !id.empty() && id != "." && id != ".." && id.find('/') == id.npos;
}

}  // namespace

TlsPaths TlsPathsIn(const std::string& directory) {
  return {directory + "/ca.pem", directory + "/cert.pem", directory + "/key.pem"};
}

std::string TlsLinkTarget(const std::string& name) {
  return std::string(kCurrentLink) + "/" + name;
}

bool TlsLayout::half_replaced() const {
  const bool current_is_copy = current.starts_with(std::string(kSetsDirectory) + "/" + kCopyPrefix);
  return (links > 0 && files > 0) || (linked() && current_is_copy);
}

TlsLayout ReadTlsLayout(const std::string& directory) {
  TlsLayout layout;
  for (const char* name : kTlsFileNames) {
    const auto target = LinkTarget(directory + "/" + name);
    if (target) {
      ++(*target == TlsLinkTarget(name) ? layout.links : layout.files);
    } else {
      ++(errno == EINVAL ? layout.files : layout.absent);
    }
  }
  const auto current = LinkTarget(directory + "/" + kCurrentLink);
  if (current && NamesSet(*current)) layout.current = *current;
  return layout;
}

std::string SetDirectory(const std::string& directory, const TlsLayout& layout) {
  const bool has_own_directory = layout.linked() && !layout.current.empty();
  return has_own_directory ? directory + "/" + layout.current : directory;
}

}  // namespace zlayer::sidecar
