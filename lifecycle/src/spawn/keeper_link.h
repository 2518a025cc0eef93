// Our end of a keeper: orders to it, its reports, its end.

#pragma once

#include <optional>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/keeper_protocol.h"

namespace zlayer::sidecar {

/// Receives a message of the keeper. A descriptor that comes with it goes to `passed`, which may be
/// null. False: there is none. Does not wait.
bool Receive(int control, FromKeeper* report, UniqueFd* passed = nullptr);

/// A keeper is a process that may be stopped, traced or frozen, so nobody may wait for its answer
/// without a limit. Whoever orders something also wakes the keeper; whoever waits in vain calls
/// Kill. No process is signalled by its number, which the kernel may have given to a stranger.
///
/// Not synchronised: one thread at a time. keeper() may be called from any thread.
class KeeperLink {
 public:
  KeeperLink() = default;  // no keeper
  /// `control`: our end of the socket pair. When it closes, the keeper takes us for dead.
  KeeperLink(ChildProcess keeper, UniqueFd control)
      : keeper_(std::move(keeper)), control_(std::move(control)) {}

  explicit operator bool() const { return static_cast<bool>(keeper_.pidfd); }
  const ChildProcess& keeper() const { return keeper_; }
  int control() const { return control_.get(); }

  /// Sends an order (see ToKeeper) and SIGCONT, in case the keeper is stopped. False: the order was
  /// lost. True if the keeper has ended, because the sidecar has then ended, too.
  bool Order(int signal) const;
  /// True: the keeper has not read all orders.
  bool HasUnreadOrders() const;
  /// SIGCONT to the keeper.
  void Wake() const;

  /// As zlayer::sidecar::Receive. Keeps the sidecar's pidfd, which comes with "started".
  bool TakeReport(FromKeeper* report);

  /// Sends SIGKILL to the sidecar and its process group. Needs the sidecar's pidfd, and for the
  /// group Linux 6.9; without them, the kernel kills the sidecar when the keeper ends
  /// (PR_SET_PDEATHSIG).
  void KillSidecar() const;
  /// As KillSidecar, and kills the keeper. What has left the process group survives.
  void Kill() const;

  /// Ends the keeper and all that it keeps, and reaps it. Waits for 2 s at most, and returns at
  /// once if the keeper runs.
  void End() const;

  bool EndsWithin(std::chrono::milliseconds limit) const;
  /// Waits for the sidecar's own end after its keeper has ended. Returns at once if its pidfd is
  /// not known. If this process has become the sidecar's parent, because it is a subreaper or the
  /// init of a container, reaps the sidecar.
  void ReapSidecar(std::chrono::milliseconds limit) const;
  /// Call once, after the keeper's end. Returns the signal that killed the keeper; empty: it ended
  /// by itself, or another part of this process has reaped it.
  std::optional<int> Reap() const;

 private:
  ChildProcess keeper_{-1, UniqueFd()};
  UniqueFd control_;
  UniqueFd sidecar_;  // a pidfd
};

}  // namespace zlayer::sidecar
