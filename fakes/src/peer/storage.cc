#include "fakes/src/peer/storage.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace zlayer::fakes::daemon {
namespace {

constexpr mode_t kMode = 0700;

std::string Variable(const char* name, const std::string& otherwise) {
  const char* value = std::getenv(name);
  return value && *value ? value : otherwise;
}

/// Where the store is without flags: the machine's own for root, the user's own for others.
std::string DefaultGraphRoot() {
  if (geteuid() == 0) return "/var/lib/containers/storage";
  return Variable("XDG_DATA_HOME", Variable("HOME", "") + "/.local/share") + "/containers/storage";
}

std::string DefaultRunRoot() {
  if (geteuid() == 0) return "/run/containers/storage";
  return Variable("XDG_RUNTIME_DIR", "/run/user/" + std::to_string(geteuid())) + "/containers";
}

/// Makes `path` and its missing parents. False, with errno, when it is no directory in the end.
bool MakeDirectories(const std::string& path) {
  for (size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
    mkdir(path.substr(0, end).c_str(), kMode);  // an error shows at the last part
  }
  if (mkdir(path.c_str(), kMode) == 0) return true;
  struct stat found {};
  if (errno != EEXIST || stat(path.c_str(), &found) != 0) return false;
  if (S_ISDIR(found.st_mode)) return true;
  errno = ENOTDIR;
  return false;
}

Result<void> OpenDirectory(std::string& path, const std::string& otherwise) {
  if (path.empty()) {
    path = otherwise;
  } else if (!MakeDirectories(path) ||
             faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK | X_OK, AT_EACCESS) != 0) {
    return StartFailedErrno(path);
  }
  return {};
}

Result<void> OpenAll(DaemonFlags& flags) {
  if (flags.storage_driver.empty() || flags.storage_driver == "overlay2") {
    flags.storage_driver = "overlay";
  }
  if (flags.storage_driver != "overlay" && flags.storage_driver != "vfs") {
    return StartFailed("driver " + flags.storage_driver + " is not supported");
  }
  auto run = OpenDirectory(flags.storage_runroot, DefaultRunRoot());
  return run ? OpenDirectory(flags.storage_root, DefaultGraphRoot()) : run;
}

}  // namespace

Result<void> OpenStorage(DaemonFlags& flags) {
  const auto opened = OpenAll(flags);
  if (opened) return {};
  return tl::unexpected(InStep(opened.error(), "failed to open containers/storage store",
                               {{"graph_root", flags.storage_root},
                                {"run_root", flags.storage_runroot},
                                {"driver", flags.storage_driver}}));
}

}  // namespace zlayer::fakes::daemon
