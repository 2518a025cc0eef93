// Runs a program under ptrace(2) and lets one chosen system call of the library's threads fail, or
// return late.
//
//   const Injection injection{{"zlayer-loop", "epoll_ctl(add)", 2}, ENOMEM};
//   const TracedRun run = RunTraced({"sweep_host", directory}, injection, deadline);
//
// The program sends itself SIGSTOP kMarks times, to switch the injection on, off, on and off; the
// signal does not stop it.
// The tracer sees threads only. Processes that the program starts run untraced.

#pragma once

#include <sys/types.h>

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <vector>

namespace zlayer::sidecar {

/// The name by which a system call is found again in another run, where threads interleave in
/// another way: the `nth` call (from 1) of this name on this thread.
struct CallId {
  std::string thread;  // "caller" (the program's first thread), "zlayer-start", "zlayer-loop"
  std::string name;    // as in the table of system_calls.h
  int nth;

  std::string ToString() const;  // "zlayer-loop/epoll_ctl(add)#2"
  auto operator<=>(const CallId&) const = default;
};

/// What to do to a call.
struct Injection {
  CallId call;
  int error;  // an errno value; 0: the call succeeds, and returns kLate later
};

inline constexpr std::chrono::milliseconds kLate{100};
inline constexpr int kMarks = 4;

struct TracedRun {
  /// The library's calls while the injection was switched on, in the order in which they began.
  std::vector<CallId> calls;
  /// System calls that the table does not know: "number 318 on zlayer-start".
  std::vector<std::string> unknown;
  bool injected = false;
  /// As waitpid(2) gives it. Empty: the program had not ended at the deadline, and was killed.
  std::optional<int> status;
  /// If it was killed: where its threads waited.
  std::string hung_in;
  /// stdout and stderr.
  std::string output;
  /// How many of its processes were alive kEndLimit after its end.
  int processes_left = 0;
};

/// How long the processes of the program may live after the program.
inline constexpr std::chrono::seconds kEndLimit{5};

/// Runs the program at arguments[0]. This process must have no other children: it becomes the
/// subreaper of all that the program leaves, and kills them.
TracedRun RunTraced(const std::vector<std::string>& arguments,
                    const std::optional<Injection>& injection, std::chrono::milliseconds limit);

}  // namespace zlayer::sidecar
