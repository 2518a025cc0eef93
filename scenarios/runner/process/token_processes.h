// The processes of one run, found by a token in their environment. Parentage says nothing: an
// orphan has a new parent, a daemon a new session; the environment stays.

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

/// A process whose identity is pinned: `pidfd` was opened before its environment was read again.
struct TokenProcess {
  pid_t pid;
  UniqueFd pidfd;
  std::string description;  // "pid 12, parent 1, session 9: /bin/x --flag"
};

/// Every living process that carries `token`. Zombies carry nothing.
std::vector<TokenProcess> FindByToken(std::string_view token);

/// Waits until no process carries `token` or the deadline has passed; what is left then.
std::vector<TokenProcess> AwaitNone(std::string_view token, const Deadline& deadline);

/// SIGKILLs all of them and waits at most a second for their end.
void KillAll(const std::vector<TokenProcess>& processes);

/// The process `pid` if it carries `token`; its pidfd is empty otherwise.
TokenProcess PinByToken(pid_t pid, std::string_view token);

}  // namespace zlayer::scenarios
