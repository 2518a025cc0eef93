// The handle on a running sidecar: signals it, tells its end, reaps it.

#pragma once

#include <sys/types.h>

#include <optional>

namespace zlayer::sidecar {

/// How the sidecar ended. `code` and `signal` are empty when its status cannot be known: another
/// part of this process has reaped it, this process ignores SIGCHLD, or the keeper was killed.
struct ExitStatus {
  std::optional<int> code;
  std::optional<int> signal;
  std::optional<int> keeper_signal;  // the signal that killed the keeper before it could report
};

/// Made by a Launch, owned by SidecarProcess. There is one kind for each way to launch:
/// KeeperHandle acts through the keeper, GroupHandle acts on our own child.
///
/// Not synchronised: pid() and pidfd() may be called from any thread, the rest from the loop's
/// only.
class ProcessHandle {
 public:
  /// Before Finish, as when memory has run out: kills the sidecar and what it left behind, and
  /// reaps.
  virtual ~ProcessHandle() = default;

  /// To show to people; see LiveSidecar::pid(). Signals go through SignalGroup.
  virtual pid_t pid() const = 0;

  /// Readable once the sidecar has ended. Open as long as this object exists.
  virtual int pidfd() const = 0;

  /// Sends `signal` to the sidecar's process group; does nothing once the sidecar has ended.
  virtual void SignalGroup(int signal) = 0;

  /// For a sidecar that has not ended some time after SignalGroup(SIGKILL): ends it without the
  /// help of its keeper, if the keeper does not do its work. Does nothing where there is no keeper,
  /// because nothing more can be done. Call it again until the sidecar has ended.
  virtual void Insist() = 0;

  /// Whether the sidecar has ended. Ask when the loop reports pidfd() as readable, because the loop
  /// may call back without need.
  virtual bool Ended() = 0;

  /// Kills what the sidecar left behind, as far as the Containment reaches, reaps, and returns how
  /// the sidecar ended. Call once, after Ended() was true.
  virtual ExitStatus Finish() = 0;
};

}  // namespace zlayer::sidecar
