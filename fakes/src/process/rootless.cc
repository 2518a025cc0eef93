#include "fakes/src/process/rootless.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <vector>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/process/launch_count.h"
#include "fakes/src/process/leave.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// True when the file gives the user a range of ids: a line "name:first:count" or
/// "uid:first:count".
bool HasRange(const char* path, const std::string& user) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::string owner = line.substr(0, line.find(':'));
    if (owner == user || owner == std::to_string(geteuid())) return true;
  }
  return false;
}

/// The name of this user in /etc/passwd; without one, the number.
std::string UserName() {
  std::ifstream file("/etc/passwd");
  const std::string uid = ":" + std::to_string(geteuid()) + ":";
  for (std::string line; std::getline(file, line);) {
    const size_t password = line.find(':');
    const size_t id = line.find(':', password + 1);
    if (id != line.npos && line.compare(id, uid.size(), uid) == 0) return line.substr(0, password);
  }
  return std::to_string(geteuid());
}

void WarnOfMissingRanges() {
  const std::string user = UserName();
  for (const char* path : {"/etc/subuid", "/etc/subgid"}) {
    if (HasRange(path, user)) continue;
    WriteAll(STDERR_FILENO,
             "Found no ID ranges set aside for user \"" + user + "\" in " + path + ".\n");
  }
}

/// True when /proc shows the PID namespace of this process.
bool ProcIsOurs() {
  char link[32];
  const ssize_t size = readlink("/proc/self", link, sizeof link);
  return size > 0 && std::string(link, static_cast<size_t>(size)) == std::to_string(getpid());
}

[[noreturn]] void ExecuteDaemon(char* const* argv, std::uint32_t launch) {
  const std::string name = std::string(argv[0]) + "-in-a-user-namespace";
  const std::string counted = std::string(kReExecuted) + "=" + std::to_string(launch);
  std::vector<char*> arguments = {const_cast<char*>(name.c_str())};
  for (char* const* argument = argv + 1; *argument; ++argument) arguments.push_back(*argument);
  arguments.push_back(nullptr);
  std::vector<char*> environment = {const_cast<char*>(counted.c_str())};
  for (char** entry = environ; *entry; ++entry) environment.push_back(*entry);
  environment.push_back(nullptr);
  execve(reinterpret_cast<const char*>(getauxval(AT_EXECFN)), arguments.data(), environment.data());
  _exit(kExitStartFailed);
}

/// Starts the daemon. It waits until it is journaled, so that no process is left that nobody knows
/// of when the wrapper is killed before.
pid_t StartDaemon(char* const* argv, std::uint32_t launch, Journal& journal) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return -1;
  const UniqueFd go(ends[0]);
  UniqueFd told(ends[1]);
  const pid_t daemon = fork();
  if (daemon == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    told.Reset();
    char byte = 0;
    if (read(go.get(), &byte, 1) != 1) _exit(kExitStartFailed);  // the wrapper is dead
    ExecuteDaemon(argv, launch);
  }
  if (daemon < 0) return -1;
  journal.Write(
      [&](v1::JournalEntry& entry) { entry.mutable_child_started()->set_child_pid(daemon); });
  if (write(told.get(), "", 1) != 1) return -1;
  return daemon;
}

/// Passes signals on until the daemon has ended. Returns its wait status.
int Forward(pid_t daemon, const UniqueFd& signals) {
  const UniqueFd ended(static_cast<int>(syscall(SYS_pidfd_open, daemon, 0)));
  for (;;) {
    pollfd fds[] = {{.fd = ended.get(), .events = POLLIN, .revents = 0},
                    {.fd = signals.get(), .events = POLLIN, .revents = 0}};
    if (poll(fds, 2, -1) < 0) continue;
    signalfd_siginfo info{};
    if (fds[1].revents != 0 && read(signals.get(), &info, sizeof info) == sizeof info) {
      kill(daemon, static_cast<int>(info.ssi_signo));
    }
    int status = 0;
    if (fds[0].revents != 0 && waitpid(daemon, &status, 0) == daemon) return status;
  }
}

}  // namespace

Failure RunRootless(char* const* argv, std::uint32_t launch, Journal& journal) {
  WarnOfMissingRanges();
  if (!ProcIsOurs()) {
    return {kExitStartFailed, "open /proc/" + std::to_string(getpid()) +
                                  "/setgroups: /proc is that of another PID namespace"};
  }
  sigset_t forwarded;
  sigemptyset(&forwarded);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&forwarded, signal);
  sigprocmask(SIG_BLOCK, &forwarded, nullptr);
  const UniqueFd signals(signalfd(-1, &forwarded, SFD_CLOEXEC));
  const pid_t daemon = StartDaemon(argv, launch, journal);
  if (!signals || daemon < 0) return StartFailedErrno("cannot start the daemon").value();
  const int status = Forward(daemon, signals);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : kExitStartFailed;
  Leave(journal, code, "the daemon in the user namespace has ended");
}

}  // namespace zlayer::fakes::daemon
