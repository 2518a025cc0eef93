#include "scenarios/runner/process/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

namespace zlayer::scenarios {
namespace {

constexpr size_t kShown = 200;  // bytes of a child's words in an error

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

/// The child's ends; negative: /dev/null.
struct ChildEnds {
  int stdin_fd;
  int stdout_fd;
  int stderr_fd;
};

/// posix_spawn with the child's descriptors and signals set; 0 or an errno.
int Spawn(pid_t* pid, std::vector<std::string> argv, const EnvironmentMap& environment,
          const ChildEnds& ends) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const auto connect = [&actions](int fd, int child_fd, int mode) {
    if (fd < 0) {
      posix_spawn_file_actions_addopen(&actions, child_fd, "/dev/null", mode, 0);
    } else {
      posix_spawn_file_actions_adddup2(&actions, fd, child_fd);
    }
  };
  connect(ends.stdin_fd, 0, O_RDONLY);
  connect(ends.stdout_fd, 1, O_WRONLY);
  connect(ends.stderr_fd, 2, O_WRONLY);
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

EnvironmentMap OwnEnvironment() {
  EnvironmentMap own;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const size_t equals = text.find('=');
    if (equals != text.npos) own.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return own;
}

EnvironmentMap EnvironmentOfEveryChild() {
  EnvironmentMap kept;
  for (const char* name : {"ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS",
                           "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE"}) {
    if (const char* value = std::getenv(name)) kept[name] = value;
  }
  return kept;
}

tl::expected<ChildProcess, std::string> ChildProcess::Start(const std::vector<std::string>& argv,
                                                            const EnvironmentMap& environment,
                                                            const ChildPipes& pipes) {
  int out[2];
  // A socket and no pipe: a write to a child that is gone must not raise SIGPIPE here.
  int in[2] = {-1, -1};
  if (pipe2(out, O_CLOEXEC) != 0) {
    return tl::unexpected(fmt::format("no pipe: {}", std::strerror(errno)));
  }
  ChildProcess child;
  child.stdout_ = UniqueFd(out[0]);
  const UniqueFd write_end(out[1]);
  if (pipes.write_stdin && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in) != 0) {
    return tl::unexpected(fmt::format("no socket: {}", std::strerror(errno)));
  }
  child.stdin_ = UniqueFd(in[1]);
  const UniqueFd read_end(in[0]);
  const int error = Spawn(
      &child.pid_, argv, environment,
      {read_end.get(), pipes.stdout_fd < 0 ? write_end.get() : pipes.stdout_fd, pipes.stderr_fd});
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
      stdin_(std::move(other.stdin_)),
      stdout_(std::move(other.stdout_)),
      read_(std::move(other.read_)) {}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  std::swap(stdin_, other.stdin_);
  std::swap(stdout_, other.stdout_);
  std::swap(read_, other.read_);
  return *this;
}

ChildProcess::~ChildProcess() { Stop(); }

tl::expected<std::string, std::string> ChildProcess::ReadLine(const Deadline& deadline) {
  for (size_t looked = 0;;) {
    const size_t end = read_.find('\n', looked);
    if (end != read_.npos) {
      std::string line = read_.substr(0, end);
      read_.erase(0, end + 1);
      return line;
    }
    looked = read_.size();
    if (looked > kLongestLine) {
      return tl::unexpected(fmt::format("a line of more than {} bytes", kLongestLine));
    }
    pollfd readable{stdout_.get(), POLLIN, 0};
    if (poll(&readable, 1, deadline.poll_ms()) == 0) {
      if (read_.empty()) return tl::unexpected(std::string("no line in time"));
      return tl::unexpected(fmt::format("no line in time, after \"{}\"", read_.substr(0, kShown)));
    }
    char bytes[4096];
    const ssize_t got = read(stdout_.get(), bytes, sizeof bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      if (read_.empty()) return tl::unexpected(std::string("stdout ended without another line"));
      return tl::unexpected(fmt::format("stdout ended after \"{}\"", read_.substr(0, kShown)));
    }
    read_.append(bytes, static_cast<size_t>(got));
  }
}

bool ChildProcess::WriteLine(const std::string& line) const {
  const std::string text = line + '\n';
  return send(stdin_.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) ==
         static_cast<ssize_t>(text.size());
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
