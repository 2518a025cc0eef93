#include "fakes/tests/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace zlayer::fakes {
namespace {

using Clock = std::chrono::steady_clock;

int MsUntil(Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count() + 1;
  return left < 0 ? 0 : static_cast<int>(left);
}

bool Readable(int fd, Clock::time_point deadline) {
  pollfd waited{.fd = fd, .events = POLLIN, .revents = 0};
  int ready = 0;
  do {
    ready = poll(&waited, 1, MsUntil(deadline));
  } while (ready < 0);
  return ready == 1;
}

std::vector<std::string> EnvironmentWith(std::map<std::string, std::string> changes) {
  std::vector<std::string> strings;
  for (char** entry = environ; *entry; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) strings.push_back(text);
  }
  for (const auto& [name, value] : changes) strings.push_back(name + "=" + value);
  return strings;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// The child's signal mask and dispositions.
void SetSignals(posix_spawnattr_t* attributes, bool block) {
  sigset_t mask;
  block ? sigfillset(&mask) : sigemptyset(&mask);
  posix_spawnattr_setsigmask(attributes, &mask);
  sigset_t defaults;
  block ? sigemptyset(&defaults) : sigfillset(&defaults);
  posix_spawnattr_setsigdefault(attributes, &defaults);
  posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Ended& ended) {
  if (ended.signal != 0) return out << "signal " << ended.signal;
  return out << "code " << ended.code;
}

Process::Process(const Command& command) {
  int out[2];
  int err[2];
  if (pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) return;
  stdout_.fd.Reset(out[0]);
  stderr_.fd.Reset(err[0]);
  const UniqueFd out_end(out[1]);
  const UniqueFd err_end(err[1]);

  posix_spawn_file_actions_t files;
  posix_spawn_file_actions_init(&files);
  posix_spawn_file_actions_addopen(&files, STDIN_FILENO, command.input.c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&files, err[1], STDERR_FILENO);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  SetSignals(&attributes, command.block_signals);
  if (command.block_signals) signal(SIGALRM, SIG_IGN);

  std::vector<std::string> arguments = command.arguments;
  arguments.insert(arguments.begin(), command.program);
  std::vector<std::string> environment = EnvironmentWith(command.environment);
  const int error = posix_spawnp(&pid_, command.program.c_str(), &files, &attributes,
                                 Pointers(arguments).data(), Pointers(environment).data());
  if (command.block_signals) signal(SIGALRM, SIG_DFL);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  if (error != 0) {
    pid_ = -1;
    ADD_FAILURE() << command.program << ": " << strerror(error);
    return;
  }
  pidfd_.Reset(static_cast<int>(syscall(SYS_pidfd_open, pid_, 0)));
}

Process::~Process() {
  if (pid_ <= 0 || ended_) return;
  kill(pid_, SIGKILL);
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void Process::Kill(int signal) const {
  if (pid_ > 0 && !ended_) kill(pid_, signal);
}

std::optional<std::string> Process::ReadUntil(Stream& stream, const std::string& end,
                                              std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  for (;;) {
    const size_t at = stream.text.find(end);
    if (at != std::string::npos) return stream.text.substr(0, at + end.size());
    if (!Readable(stream.fd.get(), deadline)) return std::nullopt;
    char chunk[65'536];
    const ssize_t got = read(stream.fd.get(), chunk, sizeof chunk);
    if (got <= 0) return std::nullopt;
    stream.text.append(chunk, static_cast<size_t>(got));
  }
}

bool Process::Drain(Stream& stream, size_t size) {
  const auto deadline = Clock::now() + kPatience;
  while (size > 0) {
    char chunk[65'536];
    if (!Readable(stream.fd.get(), deadline)) return false;
    const ssize_t got = read(stream.fd.get(), chunk, std::min(size, sizeof chunk));
    if (got <= 0) return false;
    size -= static_cast<size_t>(got);
  }
  return true;
}

std::optional<std::string> Process::ReadStdoutUntil(const std::string& end,
                                                    std::chrono::milliseconds limit) {
  return ReadUntil(stdout_, end, limit);
}

std::optional<std::string> Process::ReadStderrUntil(const std::string& end,
                                                    std::chrono::milliseconds limit) {
  return ReadUntil(stderr_, end, limit);
}

bool Process::DrainStdout(size_t size) { return Drain(stdout_, size); }
bool Process::DrainStderr(size_t size) { return Drain(stderr_, size); }

std::optional<Ended> Process::Wait(std::chrono::milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  while (!ended_) {
    pollfd fds[] = {{.fd = pidfd_.get(), .events = POLLIN, .revents = 0},
                    {.fd = stdout_.fd.get(), .events = POLLIN, .revents = 0},
                    {.fd = stderr_.fd.get(), .events = POLLIN, .revents = 0}};
    // An end of file would be reported for ever; the pidfd tells the end.
    const int ready = poll(fds, 3, MsUntil(deadline));
    if (ready == 0) return std::nullopt;
    bool read_something = false;
    for (const auto& [revents, stream] :
         {std::pair{fds[1].revents, &stdout_}, std::pair{fds[2].revents, &stderr_}}) {
      if ((revents & POLLIN) == 0) {
        if (revents != 0) stream->fd.Reset();
        continue;
      }
      char chunk[65'536];
      const ssize_t got = read(stream->fd.get(), chunk, sizeof chunk);
      if (got > 0) stream->text.append(chunk, static_cast<size_t>(got));
      read_something = read_something || got > 0;
    }
    if (read_something || (fds[0].revents & POLLIN) == 0) continue;
    int status = 0;
    if (waitpid(pid_, &status, 0) != pid_) return std::nullopt;
    ended_ = WIFSIGNALED(status) ? Ended::BySignal(WTERMSIG(status))
                                 : Ended::WithCode(WEXITSTATUS(status));
  }
  return ended_;
}

bool Process::LivesFor(std::chrono::milliseconds span) const {
  return !Readable(pidfd_.get(), Clock::now() + span);
}

bool Process::StdoutEnds(std::chrono::milliseconds limit) {
  if (!stdout_.fd) return true;  // Wait has seen it
  const auto deadline = Clock::now() + limit;
  char chunk[4096];
  while (Readable(stdout_.fd.get(), deadline)) {
    const ssize_t got = read(stdout_.fd.get(), chunk, sizeof chunk);
    if (got <= 0) return got == 0;
    stdout_.text.append(chunk, static_cast<size_t>(got));
  }
  return false;
}

}  // namespace zlayer::fakes
