// Fault `re_exec`: the process that the client spawned is a launcher that starts the daemon.

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "fakes/src/faults/ending.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/start/linger.h"
#include "fakes/src/process/launch_count.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::start, .ends = true}; }

Mistake Check(const v1::Fault& fault) {
  const v1::ReExec& re_exec = fault.re_exec();
  if (re_exec.how() == v1::ReExec::HOW_UNSET) {
    return NotSet("how", v1::ReExec::How_descriptor());
  }
  if (re_exec.orphan() && re_exec.how() != v1::ReExec::FORK) {
    return {"orphan", "only FORK has a launcher that can end first"};
  }
  return {};
}

[[noreturn]] void Fail(const char* what, Start& start) {
  const std::string reason = std::string(what) + ": " + std::strerror(errno);
  start.log.Error(reason);
  Leave(start.journal, kExitStartFailed, reason);
}

/// Executes this program again, by the path that it was started by, because the path may have
/// chosen the plan. The environment variable with the launch's number tells the new run not to do
/// this again.
[[noreturn]] void ExecuteAgain(Start& start) {
  const std::string launch = std::string(kReExecuted) + "=" + std::to_string(start.launch);
  std::vector<char*> environment;
  for (char** entry = environ; *entry; ++entry) environment.push_back(*entry);
  environment.push_back(const_cast<char*>(launch.c_str()));
  environment.push_back(nullptr);
  execve(reinterpret_cast<const char*>(getauxval(AT_EXECFN)), start.argv, environment.data());
  Fail("cannot execute itself", start);
}

[[noreturn]] void EndAs(int status, Start& start) {
  if (WIFSIGNALED(status)) DieBySignal(WTERMSIG(status));
  Leave(start.journal, WEXITSTATUS(status), "the daemon that it launched has ended");
}

/// Waits for the daemon and ends as it did. `forwards`: passes stop signals on to the daemon;
/// otherwise a stop signal kills the launcher alone.
[[noreturn]] void WaitForDaemon(pid_t daemon, bool forwards, Start& start) {
  const UniqueFd ended(static_cast<int>(syscall(SYS_pidfd_open, daemon, 0)));
  if (!ended) Fail("pidfd_open", start);
  while (start.signals.Wait(ended.get(), POLLIN, kNoDeadline) == Woke::stop) {
    if (!forwards) DieBySignal(start.signals.last_signal());
    kill(daemon, start.signals.last_signal());
  }
  int status = 0;
  while (waitpid(daemon, &status, 0) < 0 && errno == EINTR) {
  }
  EndAs(status, start);
}

/// Forks the daemon. The child waits until it is journaled: if the launcher is killed before that,
/// the pipe closes and the child exits, so no process is left that nobody knows of.
pid_t StartDaemon(Start& start) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) Fail("pipe", start);
  UniqueFd go(ends[0]);
  UniqueFd told(ends[1]);
  const pid_t daemon = fork();
  if (daemon < 0) Fail("cannot start the daemon", start);
  if (daemon == 0) {
    told.Reset();
    char byte = 0;
    if (read(go.get(), &byte, 1) != 1) _exit(kExitStartFailed);
    ExecuteAgain(start);
  }
  JournalChild(start.journal, daemon);
  if (write(told.get(), "", 1) != 1) Fail("write", start);
  return daemon;
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.at_phase[v1::START].push_back(
      [re_exec = fault.re_exec(), trigger, rest = peer.without_launcher](Start& start) {
        if (!trigger->Happens()) {
          for (const TriggerPtr& of_daemon : *rest) of_daemon->Arm();
          return;
        }
        if (re_exec.how() == v1::ReExec::EXEC) ExecuteAgain(start);
        WaitForDaemon(StartDaemon(start), !re_exec.orphan(), start);
      });
}

}  // namespace

const FaultKind kReExecFault = {"re_exec", "re_exec", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
