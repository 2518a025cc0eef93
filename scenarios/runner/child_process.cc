#include "scenarios/runner/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace zlayer::scenarios {
namespace {

std::vector<char*> Pointers(std::vector<std::string>* strings) {
  std::vector<char*> pointers;
  for (std::string& string : *strings) pointers.push_back(string.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Strings(const EnvironmentMap& environment) {
  std::vector<std::string> strings;
  for (const auto& [name, value] : environment) strings.push_back(name + "=" + value);
  return strings;
}

/// posix_spawn with the child's descriptors and signals set; 0 or an errno.
int Spawn(pid_t* pid, std::vector<std::string> argv, const EnvironmentMap& environment,
          int stdout_fd) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, stdout_fd, 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);  // the runner may have signals blocked
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> variables = Strings(environment);
  const int error = posix_spawn(pid, argv[0].c_str(), &actions, &attributes, Pointers(&argv).data(),
                                Pointers(&variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error;
}

}  // namespace

EnvironmentMap EnvironmentOfEveryChild() {
  EnvironmentMap kept;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS",
                           "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"}) {
    if (const char* value = std::getenv(name)) kept[name] = value;
  }
  return kept;
}

tl::expected<ChildProcess, std::string> ChildProcess::Start(const std::vector<std::string>& argv,
                                                            const EnvironmentMap& environment) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) {
    return tl::unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  }
  ChildProcess child;
  child.stdout_ = UniqueFd(ends[0]);
  const UniqueFd write_end(ends[1]);
  const int error = Spawn(&child.pid_, argv, environment, write_end.get());
  if (error != 0) {
    child.pid_ = -1;
    return tl::unexpected(fmt::format("{}: not started: {}", argv[0], std::strerror(error)));
  }
  child.pidfd_ = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, child.pid_, 0)));
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      pidfd_(std::move(other.pidfd_)),
      stdout_(std::move(other.stdout_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(stdout_, other.stdout_);
  return *this;
}

ChildProcess::~ChildProcess() { Stop(); }

tl::expected<std::string, std::string> ChildProcess::ReadLine(const Deadline& deadline) {
  std::string line;
  for (;;) {
    pollfd readable{stdout_.get(), POLLIN, 0};
    if (poll(&readable, 1, deadline.poll_ms()) == 0) {
      return tl::unexpected(fmt::format("no line in time, after \"{}\"", line));
    }
    char c = 0;
    const ssize_t got = read(stdout_.get(), &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return tl::unexpected(fmt::format("stdout ended after \"{}\"", line));
    if (c == '\n') return line;
    line += c;
  }
}

bool ChildProcess::alive() const {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  return pid_ >= 0 && poll(&ended, 1, 0) == 0;
}

int ChildProcess::Wait(const Deadline& deadline) {
  pollfd ended{pidfd_.get(), POLLIN, 0};
  if (pid_ < 0 || poll(&ended, 1, deadline.poll_ms()) == 0) return -1;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void ChildProcess::Stop() {
  if (pid_ < 0) return;
  kill(pid_, SIGTERM);
  if (Wait(Deadline(std::chrono::seconds(1))) >= 0 || pid_ < 0) return;
  kill(pid_, SIGKILL);
  Wait(Deadline(std::chrono::seconds(10)));
}

}  // namespace zlayer::scenarios
