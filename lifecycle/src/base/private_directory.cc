#include "lifecycle/src/base/private_directory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

/// Sets the mode of a directory that we have just made to 0700: mkdir(2) applies the umask, which
/// may have removed permissions of the owner. Follows no link, in case that somebody has put one in
/// the directory's place. Returns 0 or an errno value.
int MakePrivate(const std::string& path) {
  const UniqueFd made(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (made) return ::fchmod(made.get(), 0700) == 0 ? 0 : errno;
  if (errno != EACCES) return errno;
  // The umask has removed the permission to read, so there can be no descriptor for fchmod(2).
  return ::fchmodat(AT_FDCWD, path.c_str(), 0700, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

/// An existing directory, or a symbolic link to one, counts as success and is left as it is.
/// Returns 0 or an errno value.
int MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return MakePrivate(path);
  const int error = errno;
  struct stat status {};
  if (error == EEXIST && ::stat(path.c_str(), &status) == 0) {
    return S_ISDIR(status.st_mode) ? 0 : ENOTDIR;
  }
  return error;
}

bool IsDirectory(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

bool IsTrustedOwner(unsigned uid) { return uid == ::geteuid() || uid == 0; }

Result<void> CheckDirectoryIsOurs(const std::string& path, ErrorKind kind) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return {};
  const unsigned mode = status.st_mode & 07777u;
  if (!IsTrustedOwner(status.st_uid)) {
    return Fail(kind,
                "{}: it belongs to another user (uid {}), who can replace what is in it (mode "
                "{:04o}); change its owner or choose another directory",
                PathText(path), status.st_uid, mode);
  }
  if ((mode & 022) != 0) {
    return Fail(kind,
                "{}: others can write to it (mode {:04o}, owner uid {}) and replace what is in it; "
                "choose a directory of your own, or remove their permission with chmod go-w",
                PathText(path), mode, status.st_uid);
  }
  return {};
}

Result<void> CreatePrivateDirectory(const std::string& path, ErrorKind kind) {
  if (IsDirectory(path)) return CheckDirectoryIsOurs(path, kind);
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (const int error = MakeDirectory(part); error != 0) {
      return Fail(kind, "cannot create the directory {}: {}: {}", PathText(path), PathText(part),
                  ErrnoText(error));
    }
    if (slash == path.npos) break;
  }
  return CheckDirectoryIsOurs(path, kind);
}

}  // namespace zlayer::sidecar
