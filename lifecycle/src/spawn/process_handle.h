// The hold on a started program and on what it starts, until nothing of it is left.

#pragma once

#include <sys/types.h>

#include <optional>

namespace zlayer::sidecar {

/// How a process ended. Both empty: somebody else took its status.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;
};

/// Not synchronised; after construction on the loop's thread only, but for pid() and pidfd().
class ProcessHandle {
 public:
  virtual ~ProcessHandle() = default;

  /// A name for people: see LiveSidecar::pid().
  virtual pid_t pid() const = 0;

  /// Readable once the program has ended. Open as long as this object is.
  virtual int pidfd() const = 0;

  /// To the program's process group. Nothing once it has ended.
  virtual void SignalGroup(int signal) = 0;

  /// Whether the program has ended, when pidfd() is readable.
  virtual bool Ended() = 0;

  /// After Ended: ends what the program left, reaps, and says how it ended. Once.
  virtual ExitStatus Finish() = 0;
};

}  // namespace zlayer::sidecar
