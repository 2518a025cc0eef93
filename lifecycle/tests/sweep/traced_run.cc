#include "lifecycle/tests/sweep/traced_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/tests/sweep/tracer.h"

namespace zlayer::sidecar {
namespace {

[[noreturn]] void BecomeProgram(const std::vector<std::string>& arguments, int output) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::execv(argv[0], argv.data());
  ::_exit(127);
}

std::string Content(int file) {
  std::string content;
  char buffer[4096];
  ::lseek(file, 0, SEEK_SET);
  for (ssize_t got; (got = ::read(file, buffer, sizeof buffer)) > 0;) {
    content.append(buffer, static_cast<size_t>(got));
  }
  return content;
}

std::string FirstLine(const std::filesystem::path& path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

/// "sweep_host in 202, zlayer-loop in 232": the threads, and the number of the system call each is
/// in.
std::string WhereThreadsWait(pid_t process) {
  std::string where;
  std::error_code failed;
  for (const auto& task :
       std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process), failed)) {
    const std::string call = FirstLine(task.path() / "syscall");
    where += fmt::format("{}{} in {}", where.empty() ? "" : ", ", FirstLine(task.path() / "comm"),
                         call.substr(0, call.find(' ')));
  }
  return where;
}

std::vector<pid_t> Children() {
  std::ifstream list(fmt::format("/proc/self/task/{}/children", ::gettid()));
  std::vector<pid_t> children;
  for (pid_t pid; list >> pid;) children.push_back(pid);
  return children;
}

void Reap() {
  while (::waitpid(-1, nullptr, __WALL | WNOHANG) > 0) {
  }
}

/// Waits until all children have ended. Kills those that are left at the end, and theirs. Returns
/// how many were left.
int EndChildren(std::chrono::steady_clock::time_point deadline) {
  int killed = 0;
  for (std::vector<pid_t> children; !(children = Children()).empty(); Reap()) {
    const UniqueFd child(static_cast<int>(::syscall(SYS_pidfd_open, children.front(), 0)));
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ended{child.get(), POLLIN, 0};
    if (::poll(&ended, 1, std::max(0, static_cast<int>(left.count()))) > 0) continue;
    ++killed;
    ::kill(children.front(), SIGKILL);  // not reaped yet, so the pid is still its own
    ::poll(&ended, 1, -1);
  }
  return killed;
}

}  // namespace

std::string CallId::ToString() const { return fmt::format("{}/{}#{}", thread, name, nth); }

TracedRun RunTraced(const std::vector<std::string>& arguments,
                    const std::optional<Injection>& injection, std::chrono::milliseconds limit) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, nullptr);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  TracedRun run;
  const UniqueFd output(::memfd_create("output", MFD_CLOEXEC));
  const pid_t process = ::fork();
  if (process == 0) BecomeProgram(arguments, output.get());
  int status = 0;
  ::waitpid(process, &status, __WALL);  // the stop at its exec
  if (!Tracer(process, injection, &run).Run(std::chrono::steady_clock::now() + limit)) {
    run.hung_in = WhereThreadsWait(process);
    ::kill(process, SIGKILL);
    // Its end is reported after the ends of its threads.
    for (pid_t ended = 0; ended != process || WIFSTOPPED(status);) {
      ended = ::waitpid(-1, &status, __WALL);
    }
  }
  run.processes_left = EndChildren(std::chrono::steady_clock::now() + kEndLimit);
  run.output = Content(output.get());
  return run;
}

}  // namespace zlayer::sidecar
