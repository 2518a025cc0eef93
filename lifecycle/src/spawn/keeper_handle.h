// A program held by a keeper, which is its parent and outlives this process by as long as it takes
// to end everything: Containment::keeper and Containment::pid_namespace.

#pragma once

#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/process_handle.h"

namespace zlayer::sidecar {

class KeeperHandle : public ProcessHandle {
 public:
  /// `pid`: the program's. `control`: our end of the pair with the keeper.
  KeeperHandle(pid_t pid, ChildProcess keeper, UniqueFd control)
      : pid_(pid), keeper_(std::move(keeper)), control_(std::move(control)) {}

  pid_t pid() const override { return pid_; }
  /// The keeper's: it ends when nothing of the program is left.
  int pidfd() const override { return keeper_.pidfd.get(); }
  void SignalGroup(int signal) override;
  bool Ended() override;
  ExitStatus Finish() override;

 private:
  const pid_t pid_;
  const ChildProcess keeper_;
  const UniqueFd control_;
};

}  // namespace zlayer::sidecar
