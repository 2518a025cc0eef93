#include "lifecycle/tests/sweep/system_call_table.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

#include <cerrno>

namespace zlayer::sidecar {
namespace {

const std::vector<int> kNoErrors;
const std::vector<int> kNoDescriptor{EMFILE, ENFILE, ENOMEM};
const std::vector<int> kPath{EACCES, EIO, ENOMEM, ENOENT};
const std::vector<int> kNewName{EACCES, EIO, ENOMEM, ENOSPC, EROFS, EDQUOT};
const std::vector<int> kRemovedName{EACCES, EIO, EROFS};
const std::vector<int> kWait{EINTR, ENOMEM};
const std::vector<int> kSend{EINTR, EAGAIN, ECONNRESET, EPIPE, ENOBUFS, ENOMEM};
const std::vector<int> kReceive{EINTR, EAGAIN, ECONNRESET, ENOMEM};
const std::vector<int> kDisk{EINTR, EIO, ENOSPC, EDQUOT};
const std::vector<int> kClone{EAGAIN, ENOMEM, EPERM, ENOSYS};

}  // namespace

const std::vector<SystemCallRow>& SystemCallTable() {
  static const std::vector<SystemCallRow> rows = {
      {{SYS_epoll_create1}, {"epoll_create1", kNoDescriptor}},
      {{SYS_epoll_ctl, 1, EPOLL_CTL_ADD}, {"epoll_ctl(add)", {ENOMEM, ENOSPC}}},
      {{SYS_epoll_ctl, 1, EPOLL_CTL_MOD}, {"epoll_ctl(mod)", {ENOMEM}}},
      {{SYS_epoll_ctl, 1, EPOLL_CTL_DEL}, {"epoll_ctl(del)", kNoErrors}},
      {{SYS_epoll_wait}, {"epoll_wait", {EINTR}}},
      {{SYS_epoll_pwait}, {"epoll_pwait", {EINTR}}},
      {{SYS_eventfd2}, {"eventfd2", kNoDescriptor}},
      {{SYS_poll}, {"poll", kWait}},
      {{SYS_ppoll}, {"ppoll", kWait}},
      // clone3 makes threads, clone makes processes. pthread_create(3) does not tell EAGAIN from
      // other errors, but tries clone after ENOSYS.
      {{SYS_clone3}, {"clone3", {EAGAIN, ENOSYS}}},
      {{SYS_clone}, {"clone", kClone}},
      {{SYS_pidfd_open}, {"pidfd_open", {EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM}}},
      {{SYS_pidfd_send_signal}, {"pidfd_send_signal", {EPERM, ENOSYS}}},
      {{SYS_kill}, {"kill", {EPERM}}},
      {{SYS_waitid}, {"waitid", {EINTR}}},
      {{SYS_wait4}, {"wait4", {EINTR}}},
      {{SYS_pipe2}, {"pipe2", kNoDescriptor}},
      {{SYS_socketpair}, {"socketpair", kNoDescriptor}},
      {{SYS_socket}, {"socket", {EMFILE, ENFILE, ENOMEM, ENOBUFS, EACCES, EAFNOSUPPORT}}},
      {{SYS_connect}, {"connect", {ECONNREFUSED, ENETUNREACH, EADDRNOTAVAIL, EPERM, EAGAIN}}},
      {{SYS_bind}, {"bind", {EADDRINUSE, EACCES, ENOMEM}}},
      {{SYS_getsockopt}, {"getsockopt", {EPERM, ENOMEM}}},
      {{SYS_setsockopt}, {"setsockopt", {EPERM, ENOMEM}}},
      {{SYS_getsockname}, {"getsockname", {ENOBUFS}}},
      {{SYS_getpeername}, {"getpeername", {ENOBUFS, ENOTCONN}}},
      {{SYS_shutdown}, {"shutdown", {ENOTCONN}}},
      {{SYS_sendto}, {"sendto", kSend}},
      {{SYS_sendmsg}, {"sendmsg", kSend}},
      {{SYS_recvfrom}, {"recvfrom", kReceive}},
      {{SYS_recvmsg}, {"recvmsg", kReceive}},
      {{SYS_read, -1, 0, "eventfd"}, {"read(eventfd)", {EAGAIN}}},
      {{SYS_read, -1, 0, "pipe"}, {"read(pipe)", {EINTR, EAGAIN}}},
      {{SYS_read, -1, 0, "socket"}, {"read(socket)", kReceive}},
      {{SYS_read}, {"read(file)", {EINTR, EIO}}},
      {{SYS_pread64}, {"pread64", {EINTR, EIO}}},
      {{SYS_write, -1, 0, "eventfd"}, {"write(eventfd)", kNoErrors}},
      {{SYS_write, -1, 0, "pipe"}, {"write(pipe)", {EINTR, EPIPE}}},
      {{SYS_write, -1, 0, "socket"}, {"write(socket)", kSend}},
      {{SYS_write}, {"write(file)", kDisk}},
      {{SYS_writev}, {"writev", kDisk}},
      {{SYS_close}, {"close", {EINTR, EIO}, true}},
      {{SYS_fcntl, 1, F_DUPFD}, {"fcntl(dup)", {EMFILE}}},
      {{SYS_fcntl, 1, F_DUPFD_CLOEXEC}, {"fcntl(dup)", {EMFILE}}},
      {{SYS_fcntl, 1, F_SETLK}, {"fcntl(lock)", {EAGAIN, ENOLCK, EINTR}}},
      {{SYS_fcntl, 1, F_OFD_SETLK}, {"fcntl(lock)", {EAGAIN, ENOLCK, EINTR}}},
      {{SYS_fcntl, 1, F_OFD_SETLKW}, {"fcntl(lock and wait)", {ENOLCK, EINTR, EDEADLK}}},
      {{SYS_fcntl}, {"fcntl", {EPERM}}},
      {{SYS_flock}, {"flock", {EINTR, ENOLCK}}},
      {{SYS_ioctl}, {"ioctl", {ENOTTY, EPERM}}},
      {{SYS_openat}, {"openat", {EMFILE, ENFILE, ENOMEM, EACCES, EINTR, EIO, ENOSPC}}},
      {{SYS_newfstatat}, {"newfstatat", kPath}},
      {{SYS_fstat}, {"fstat", {EIO, ENOMEM}}},
      {{SYS_statx}, {"statx", kPath}},
      {{SYS_readlink}, {"readlink", kPath}},
      {{SYS_readlinkat}, {"readlinkat", kPath}},
      {{SYS_access}, {"access", kPath}},
      {{SYS_faccessat2}, {"faccessat2", {EACCES, EIO, ENOMEM, ENOENT, ENOSYS, EPERM}}},
      {{SYS_lseek}, {"lseek", {ESPIPE}}},
      {{SYS_getdents64}, {"getdents64", {EIO}}},
      {{SYS_mkdir}, {"mkdir", kNewName}},
      {{SYS_mkdirat}, {"mkdirat", kNewName}},
      {{SYS_chmod}, {"chmod", {EPERM, EIO, EROFS}}},
      {{SYS_fchmod}, {"fchmod", {EPERM, EIO, EROFS}}},
      {{SYS_fchmodat}, {"fchmodat", {EPERM, EIO, EROFS}}},
      {{SYS_rename}, {"rename", kNewName}},
      {{SYS_renameat}, {"renameat", kNewName}},
      {{SYS_symlink}, {"symlink", kNewName}},
      {{SYS_symlinkat}, {"symlinkat", kNewName}},
      {{SYS_link}, {"link", kNewName}},
      {{SYS_linkat}, {"linkat", kNewName}},
      {{SYS_unlink}, {"unlink", kRemovedName}},
      {{SYS_unlinkat}, {"unlinkat", kRemovedName}},
      {{SYS_rmdir}, {"rmdir", kRemovedName}},
      {{SYS_fsync}, {"fsync", kDisk}},
      {{SYS_fdatasync}, {"fdatasync", kDisk}},
      {{SYS_mmap}, {"mmap", {ENOMEM, EAGAIN}}},
      {{SYS_mremap}, {"mremap", {ENOMEM}}},
      {{SYS_mprotect}, {"mprotect", {ENOMEM}}},
      {{SYS_getrandom}, {"getrandom", {EINTR, ENOSYS, EAGAIN}}},
      {{SYS_prlimit64}, {"prlimit64", {EPERM}}},
      {{SYS_sched_getaffinity}, {"sched_getaffinity", {EPERM}}},
      {{SYS_sysinfo}, {"sysinfo", {EPERM}}},
      {{SYS_uname}, {"uname", {EPERM}}},
      // These give no errors, or none that their callers can meet: munmap(2) fails only where it
      // cuts a mapping in two.
      {{SYS_munmap}, {"munmap", kNoErrors}},
      {{SYS_futex}, {"futex", kNoErrors}},
      {{SYS_rt_sigprocmask}, {"rt_sigprocmask", kNoErrors}},
  };
  return rows;
}

}  // namespace zlayer::sidecar
