// The parent of the upstream's process, so that nothing of the upstream outlives the fake.
//
// The kernel tells nobody's children that their parent was killed by SIGKILL. PR_SET_PDEATHSIG
// does, but only for one process, not for those that it starts, and it is the end of the parent's
// *thread* that counts. So the fake forks a guardian, which has one thread and starts the upstream.
// The guardian is a subreaper: whatever the upstream forks, in whatever session, becomes its child
// at last. It ends all of them as soon as the upstream, the fake or the lifetime ends. It is in a
// session of its own, where a signal to the fake's process group does not reach it, and blocks
// every signal that can be blocked. If the guardian itself is killed, PR_SET_PDEATHSIG ends the
// upstream.

#pragma once

#include <sys/resource.h>

#include <cstdint>

namespace zlayer::fakes::daemon {

/// What the guardian starts. All pointers must be valid until the guardian runs.
struct Program {
  const char* path;
  char* const* argv;
  char* const* environment;
  int out;        ///< becomes its stdout; -1: the fake's own
  int failed;     ///< gets errno when it cannot be executed; closed by execve(2) otherwise
  rlimit memory;  ///< its RLIMIT_DATA; the fake has lowered its own
};

/// From the guardian to the fake.
struct Report {
  enum Kind : int {
    started,  ///< value: the process id
    ended,    ///< value: the status of wait(2). Nothing is left of the program
  };
  Kind kind;
  int value;
};

/// From the fake to the guardian: the number of a signal for the program, or this.
inline constexpr int kEndAll = 0;

/// How the guardian is held. All are descriptors.
struct Custody {
  int channel;  ///< a socket of type SOCK_SEQPACKET: orders come, reports go
  int fake;     ///< a pidfd of the fake
};

/// Runs in a child of fork(2) with every signal blocked. The parent may have threads, so only
/// async-signal-safe functions are called. Ends everything at `deadline_ns` (monotonic) at the
/// latest.
[[noreturn]] void RunGuardian(const Program& program, const Custody& custody,
                              std::int64_t deadline_ns);

}  // namespace zlayer::fakes::daemon
