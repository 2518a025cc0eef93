#include "lifecycle/src/base/private_directory.h"

#include <sys/stat.h>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// mkdir(2), except that an existing directory, or a symbolic link to one, counts as success.
/// Returns 0 or an errno value.
int CreateDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return 0;
  const int error = errno;
  struct stat status {};
  if (error == EEXIST && ::stat(path.c_str(), &status) == 0) {
    return S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
  }
  return error;
}

}  // namespace

Result<void> CreatePrivateDirectory(const std::string& path, ErrorKind kind) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (const int error = CreateDirectory(part); error != 0) {
      return Fail(kind, "cannot create the directory {}: {}: {}", path, part, ErrnoText(error));
    }
    if (slash == path.npos) break;
  }
  if (::chmod(path.c_str(), 0700) != 0) {
    return Fail(kind, "cannot make the directory {} private: {}", path, ErrnoText(errno));
  }
  return {};
}

}  // namespace zlayer::sidecar
