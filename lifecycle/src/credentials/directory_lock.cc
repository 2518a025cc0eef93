#include "lifecycle/src/credentials/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <fstream>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/start_wait.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

/// The pause after an attempt that found the lock taken: doubled each time, up to kLongestPause. To
/// make a set takes some 20 ms, so most waits end after a few attempts. The kernel offers no better
/// way: a blocking flock(2) cannot be given up, and no descriptor becomes ready when a lock is
/// free.
constexpr std::chrono::milliseconds kFirstPause{1};
constexpr std::chrono::milliseconds kLongestPause{50};

/// For writing, too: NFS has no other exclusive locks.
constexpr int kOpenFlags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;

/// open(2) applies the umask, which may have removed the owner's permissions from the file when it
/// was made. They are put back here, or the file would be closed to its owner for ever.
UniqueFd OpenLock(const std::string& path) {
  UniqueFd lock(::open(path.c_str(), kOpenFlags, 0600));
  if (lock || errno != EACCES) return lock;
  if (::fchmodat(AT_FDCWD, path.c_str(), 0600, AT_SYMLINK_NOFOLLOW) != 0) {
    errno = EACCES;
    return lock;
  }
  return UniqueFd(::open(path.c_str(), kOpenFlags, 0600));
}

/// Returns 0 or an errno value; EWOULDBLOCK: somebody else has the lock.
int TryLock(int lock) {
  for (;;) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return 0;
    if (errno != EINTR) return errno;
  }
}

/// "process 4711", from a line of /proc/locks: "1: FLOCK  ADVISORY  WRITE 4711 08:01:1234 0 EOF". A
/// process of another PID namespace has no id there.
std::string DescribeHolder(int lock) {
  struct stat status {};
  if (::fstat(lock, &status) != 0) return "another process";
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    int pid = 0;
    unsigned major_number = 0;
    unsigned minor_number = 0;
    unsigned long inode = 0;
    if (std::sscanf(line.c_str(), "%*d: FLOCK ADVISORY WRITE %d %x:%x:%lu", &pid, &major_number,
                    &minor_number, &inode) == 4 &&
        pid > 0 && inode == status.st_ino && major_number == major(status.st_dev) &&
        minor_number == minor(status.st_dev)) {
      return fmt::format("process {}", pid);
    }
  }
  return "another process";
}

tl::unexpected<LifecycleError> CannotLock(const std::string& path, int error) {
  return Fail(ErrorKind::tls_material, "cannot lock {}: {}", PathText(path), ErrnoText(error));
}

/// Somebody else has the lock.
Result<void> AwaitLock(int lock, const std::string& path, const LockLimit& limit) {
  StartWait wait(limit.stop, -1);
  for (auto pause = kFirstPause;; pause = std::min(pause * 2, kLongestPause)) {
    const Waited waited = wait.For(-1, 0, std::min(DeadlineIn(pause), limit.deadline));
    if (waited == Waited::cancelled || limit.stop.stop_requested()) {
      return Fail(ErrorKind::cancelled, "cancelled while waiting for {}, which {} holds",
                  PathText(path), DescribeHolder(lock));
    }
    const int error = TryLock(lock);
    if (error == 0) return {};
    if (error != EWOULDBLOCK) return CannotLock(path, error);
    if (Clock::now() < limit.deadline) continue;
    return Fail(ErrorKind::tls_material,
                "cannot lock {} within {} ms: {} holds it; let that process go on, or end it",
                PathText(path), limit.limit.count(), DescribeHolder(lock));
  }
}

}  // namespace

/// Not by closing the file alone: a child that the host has forked meanwhile has a copy of the
/// descriptor, which would keep the lock.
DirectoryLock::~DirectoryLock() {
  if (file_) ::flock(file_.get(), LOCK_UN);
}

Result<DirectoryLock> LockTlsDirectory(const std::string& directory, const LockLimit& limit) {
  const std::string path = directory + "/.lock";
  UniqueFd lock = OpenLock(path);
  if (!lock) return CannotLock(path, errno);
  const int error = TryLock(lock.get());
  if (error == 0) return DirectoryLock(std::move(lock));
  if (error != EWOULDBLOCK) return CannotLock(path, error);
  if (auto locked = AwaitLock(lock.get(), path, limit); !locked) {
    return tl::unexpected(std::move(locked.error()));
  }
  return DirectoryLock(std::move(lock));
}

}  // namespace zlayer::sidecar
