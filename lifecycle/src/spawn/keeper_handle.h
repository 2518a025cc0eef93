// The handle on a sidecar whose parent is a keeper: Containment::keeper and pid_namespace.
//
// The keeper is our child and the sidecar's parent. It ends only after it has killed everything
// that the sidecar started, so its end counts as the sidecar's.

#pragma once

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/process_handle.h"

namespace zlayer::sidecar {

class KeeperHandle : public ProcessHandle {
 public:
  /// `pid`: the sidecar's. `control`: our end of the socket pair with the keeper.
  KeeperHandle(pid_t pid, ChildProcess keeper, UniqueFd control)
      : pid_(pid), keeper_(std::move(keeper)), control_(std::move(control)) {}

  pid_t pid() const override { return pid_; }
  /// The keeper's pidfd: the keeper ends when nothing of the sidecar is left.
  int pidfd() const override { return keeper_.pidfd.get(); }
  void SignalGroup(int signal) override;
  bool Ended() override;
  ExitStatus Finish() override;

 private:
  const pid_t pid_;  // the sidecar's
  const ChildProcess keeper_;
  const UniqueFd control_;  // when it closes, the keeper kills the sidecar
};

}  // namespace zlayer::sidecar
