// Finds the processes of a scenario by a token in their environment.
//
// Neither parent, process group nor session identify the processes of a sidecar: an orphan gets a
// new parent, a daemon makes a new session. The environment is inherited by all of them. The runner
// gives each scenario a random token, and judge/aftermath.h looks for processes that still carry
// it.
//
// This room holds what the runner needs of the operating system: child processes and their pipes
// (child_process, line_reader), owners of descriptors, directories and environment variables
// (unique_fd, temp_directory, scoped_environment), and time (deadline, alarm). It knows nothing of
// scenarios. Invariant: a process is signalled through a pidfd or before it is reaped, so that a
// reused pid is never hit.

#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/runner/process/deadline.h"
#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {

/// The variable that carries the token.
inline constexpr std::string_view kTokenVariable = "ZLAYER_HARNESS_RUN";

/// 128 random bits in hexadecimal.
std::string NewToken();

/// A process that carried the token while `pidfd` was open: a signal through `pidfd` cannot reach
/// another process that gets the same pid later.
struct TokenProcess {
  pid_t pid;
  UniqueFd pidfd;
  std::string description;  // "pid 12, parent 1, group 9, session 9: /bin/x --flag"
};

/// Every living process that carries `token`. Zombies are not found: they have no environment.
std::vector<TokenProcess> FindByToken(std::string_view token);

/// Waits until no process carries `token` or the deadline has passed. Returns the processes that
/// are left.
std::vector<TokenProcess> AwaitNone(std::string_view token, const Deadline& deadline);

/// Sends SIGKILL to all of them and waits at most a second for their end.
void KillAll(const std::vector<TokenProcess>& processes);

/// The process `pid`, if it carries `token`; else a TokenProcess without a pidfd.
TokenProcess PinByToken(pid_t pid, std::string_view token);

}  // namespace zlayer::scenarios
