#include "piped_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

extern char** environ;

namespace zlayer::bench {
namespace {

std::string Errno(const char* call, int error) {
  return std::string(call) + ": " + std::strerror(error);
}

}  // namespace

std::vector<char*> Argv(std::vector<std::string>& words) {
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  return argv;
}

std::vector<std::string> FakeCommand(const World& world) {
  std::vector<std::string> words = world.Arguments();
  words.insert(words.begin(), world.binary());
  return words;
}

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

int PosixSpawn(char* const* argv, int out, int err, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  const int error = ::posix_spawn(pid, argv[0], &actions, nullptr, argv, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

tl::expected<PipedChild, std::string> PipedChild::Start(const World& world, Launch launch) {
  std::vector<std::string> words = FakeCommand(world);
  int out[2];
  int err[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return tl::unexpected(Errno("pipe2", errno));
  const UniqueFd out_writer(out[1]);
  UniqueFd out_reader(out[0]);
  if (::pipe2(err, O_CLOEXEC) != 0) return tl::unexpected(Errno("pipe2", errno));
  const UniqueFd err_writer(err[1]);
  PipedChild child(std::move(out_reader), UniqueFd(err[0]));
  pid_t pid = -1;
  if (const int error = launch(Argv(words).data(), out[1], err[1], &pid); error != 0) {
    return tl::unexpected(Errno(words[0].c_str(), error));
  }
  child.pid_ = pid;
  return child;
}

PipedChild::PipedChild(PipedChild&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      out_(std::move(other.out_)),
      err_(std::move(other.err_)) {}

PipedChild::~PipedChild() {
  if (pid_ <= 0) return;
  Signal(SIGKILL);
  (void)Wait();
}

void PipedChild::Signal(int signal) const { ::kill(pid_, signal); }

tl::expected<void, std::string> PipedChild::Wait() {
  if (auto reaped = Reap(0); !reaped) return tl::unexpected(std::move(reaped.error()));
  return {};
}

tl::expected<bool, std::string> PipedChild::TryWait() { return Reap(WNOHANG); }

tl::expected<bool, std::string> PipedChild::Reap(int more_flags) {
  siginfo_t info{};
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | more_flags) != 0) {
    if (errno != EINTR) return tl::unexpected(Errno("waitid", errno));
  }
  if (info.si_pid == 0) return false;
  pid_ = -1;
  if (info.si_code == CLD_EXITED && info.si_status == 0) return true;
  return tl::unexpected(std::string("the fake did not exit with status 0"));
}

}  // namespace zlayer::bench
