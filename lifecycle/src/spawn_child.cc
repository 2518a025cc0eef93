#include "spawn_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>

#include "make_error.h"

namespace zlayer::sidecar {
namespace {

struct Pipe {
  UniqueFd read;
  UniqueFd write;
};

Result<Pipe> MakePipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) {
    return Fail(ErrorKind::spawn_failed, "cannot create a pipe: {}", ErrnoText(errno));
  }
  Pipe made{UniqueFd(ends[0]), UniqueFd(ends[1])};
  ::fcntl(made.read.get(), F_SETFL, O_NONBLOCK);
  return made;
}

/// The null-terminated array of pointers that exec wants. `strings` must outlive it.
std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// What the child does between fork and exec.
class ChildSetup {
 public:
  ChildSetup(int stdout_fd, int stderr_fd) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, stdout_fd, 1);
    ::posix_spawn_file_actions_adddup2(&actions_, stderr_fd, 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, 3);
    ::posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~ChildSetup() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  ChildSetup(const ChildSetup&) = delete;
  ChildSetup& operator=(const ChildSetup&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::string Explain(int error) {
  switch (error) {
    case ENOENT:
      return ErrnoText(error) + " (its #! interpreter or its dynamic loader is missing)";
    case ENOEXEC:
      return ErrnoText(error) + " (not a program for this machine)";
    default:
      return ErrnoText(error);
  }
}

/// For a child that cannot be watched: nothing may be left of it.
void EndUnwatched(pid_t pid) {
  ::kill(-pid, SIGKILL);
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

Result<SpawnedChild> SpawnChild(const SpawnRequest& request) {
  auto out = MakePipe();
  if (!out) return tl::unexpected(std::move(out.error()));
  auto err = MakePipe();
  if (!err) return tl::unexpected(std::move(err.error()));

  std::vector<std::string> arguments{request.binary};
  arguments.insert(arguments.end(), request.arguments.begin(), request.arguments.end());
  std::vector<std::string> environment = request.environment;
  const ChildSetup setup(out->write.get(), err->write.get());

  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, request.binary.c_str(), setup.actions(), setup.attributes(),
                                  Pointers(arguments).data(), Pointers(environment).data());
  if (error != 0) {
    return Fail(ErrorKind::spawn_failed, "cannot start {}: {}", request.binary, Explain(error));
  }
  UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!pidfd) {
    const int open_error = errno;
    EndUnwatched(pid);
    return Fail(ErrorKind::spawn_failed, "cannot watch {}: pidfd_open: {}", request.binary,
                ErrnoText(open_error));
  }
  return SpawnedChild{pid, std::move(pidfd), std::move(out->read), std::move(err->read)};
}

}  // namespace zlayer::sidecar
