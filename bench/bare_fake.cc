#include "bare_fake.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "fakes/fixture/pidfd.h"
#include "piped_child.h"

namespace zlayer::bench {
namespace {

std::string Errno(const char* call, int error) {
  return std::string(call) + ": " + std::strerror(error);
}

/// Starts the program with `stdout_fd` as its stdout. Returns an errno value.
int Spawn(const std::string& program, std::vector<std::string> words, int stdout_fd, pid_t* pid) {
  words.insert(words.begin(), program);
  // A pipe that nobody reads would stop a program that has much to say.
  const UniqueFd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (!null) return errno;
  return PosixSpawn(Argv(words).data(), stdout_fd, null.get(), pid);
}

}  // namespace

tl::expected<BareFake, std::string> BareFake::StartProgram(const World& world,
                                                           const std::string& program,
                                                           const std::vector<std::string>& more) {
  std::vector<std::string> words = world.Arguments();
  words.insert(words.end(), more.begin(), more.end());
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return tl::unexpected(Errno("pipe2", errno));
  UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  pid_t pid = -1;
  const int error = Spawn(program, std::move(words), writer.get(), &pid);
  writer.Reset();
  BareFake fake(error == 0 ? pid : -1, std::move(reader));
  if (error != 0) return tl::unexpected(Errno("posix_spawn", error));
  const std::string line = ReadLine(fake.stdout_.get());
  constexpr std::string_view kPrefix = "LISTENING ";
  if (!line.starts_with(kPrefix)) return tl::unexpected("no line came from " + program);
  fake.address_ = line.substr(kPrefix.size());
  return fake;
}

BareFake::BareFake(BareFake&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      stdout_(std::move(other.stdout_)),
      address_(std::move(other.address_)) {}

BareFake::~BareFake() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  siginfo_t info;
  while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
  }
}

tl::expected<void, std::string> BareFake::Stop() {
  const UniqueFd pidfd(fakes::OpenPidfd(pid_));
  if (!pidfd) return tl::unexpected(Errno("pidfd_open", errno));
  ::kill(pid_, SIGTERM);
  pollfd ended{pidfd.get(), POLLIN, 0};
  while (::poll(&ended, 1, -1) < 0 && errno == EINTR) {
  }
  siginfo_t info{};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0) {
    return tl::unexpected(Errno("waitid", errno));
  }
  pid_ = -1;
  if (info.si_code != CLD_EXITED || info.si_status != 0) {
    return tl::unexpected(std::string("the fake did not exit with status 0"));
  }
  return {};
}

}  // namespace zlayer::bench
