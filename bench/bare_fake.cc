#include "bare_fake.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

extern char** environ;

namespace zlayer::bench {
namespace {

std::string Errno(const char* call, int error) {
  return std::string(call) + ": " + std::strerror(error);
}

/// Starts the fake with `stdout_fd` as its stdout. Returns an errno value.
int Spawn(const std::string& program, std::vector<std::string> words, int stdout_fd, pid_t* pid) {
  words.insert(words.begin(), program);
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  const int error = ::posix_spawn(pid, program.c_str(), &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

/// The first line; empty when none comes.
std::string ReadLine(int fd) {
  std::string line;
  char buffer[256];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return "";
    line.append(buffer, static_cast<size_t>(got));
    if (const size_t end = line.find('\n'); end != line.npos) return line.substr(0, end);
  }
}

}  // namespace

tl::expected<BareFake, std::string> BareFake::StartProgram(const Scene& scene,
                                                           const std::string& program,
                                                           const std::vector<std::string>& more) {
  std::vector<std::string> words = scene.Arguments();
  words.insert(words.end(), more.begin(), more.end());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(Errno("pipe2", errno));
  pid_t pid = -1;
  const int error = Spawn(program, std::move(words), ends[1], &pid);
  ::close(ends[1]);
  BareFake fake(error == 0 ? pid : -1, ends[0]);
  if (error != 0) return tl::unexpected(Errno("posix_spawn", error));
  const std::string line = ReadLine(ends[0]);
  constexpr std::string_view kPrefix = "LISTENING ";
  if (!line.starts_with(kPrefix)) return tl::unexpected("no line came from " + program);
  fake.address_ = line.substr(kPrefix.size());
  return fake;
}

BareFake::BareFake(BareFake&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      stdout_(std::exchange(other.stdout_, -1)),
      address_(std::move(other.address_)) {}

BareFake::~BareFake() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    siginfo_t info;
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
  }
  if (stdout_ >= 0) ::close(stdout_);
}

tl::expected<void, std::string> BareFake::Stop() {
  const int pidfd = static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0));
  if (pidfd < 0) return tl::unexpected(Errno("pidfd_open", errno));
  ::kill(pid_, SIGTERM);
  pollfd ended{pidfd, POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  siginfo_t info{};
  const int waited = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED);
  ::close(pidfd);
  if (waited != 0) return tl::unexpected(Errno("waitid", errno));
  pid_ = -1;
  if (info.si_code != CLD_EXITED || info.si_status != 0) {
    return tl::unexpected(std::string("the fake did not exit with status 0"));
  }
  return {};
}

}  // namespace zlayer::bench
