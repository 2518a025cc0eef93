#include "lifecycle/src/spawn/find_keeper.h"

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/mounted_noexec.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {
namespace {

std::string KeeperName() { return std::string(kKeeperNameBegin) + kKeeperVersion; }

bool IsProgram(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

/// The directory of the running program, with its '/' at the end; empty when it cannot be known.
std::string OwnDirectory() {
  std::array<char, 4096> buffer;
  const ssize_t size = ::readlink("/proc/self/exe", buffer.data(), buffer.size());
  if (size <= 0) return "";
  const std::string path(buffer.data(), static_cast<size_t>(size));
  return path.substr(0, path.rfind('/') + 1);
}

}  // namespace

Result<std::string> FindKeeper(const std::string& configured) {
  std::vector<std::string> candidates;
  if (!configured.empty()) {
    candidates = {configured};
  } else {
    candidates.emplace_back(KeeperPathOfThisPackage());
    const std::string own = OwnDirectory();
    if (!own.empty()) {
      candidates.push_back(own + KeeperName());
      candidates.push_back(own + "../libexec/zlayer-sidecar/" + KeeperName());
    }
  }
  std::string tried;
  for (const std::string& candidate : candidates) {
    if (IsProgram(candidate)) return candidate;
    tried += (tried.empty() ? "" : ", ") + candidate +
             (IsMountedNoexec(candidate) ? " (on a file system mounted noexec)" : "");
  }
  return Fail(ErrorKind::spawn_failed,
              "cannot find {}, the sidecar's keeper; tried: {}; set "
              "LifecycleOptions::keeper_path, or accept Containment::group",
              KeeperName(), tried);
}

}  // namespace zlayer::sidecar
