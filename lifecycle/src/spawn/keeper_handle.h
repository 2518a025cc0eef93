// The handle on a sidecar whose parent is a keeper: Containment::keeper and pid_namespace.
//
// The keeper is our child and the sidecar's parent. It ends only after it has killed everything
// that the sidecar started, so its end counts as the sidecar's.

#pragma once

#include "lifecycle/src/spawn/keeper_link.h"
#include "lifecycle/src/spawn/process_handle.h"

namespace zlayer::sidecar {

class KeeperHandle : public ProcessHandle {
 public:
  /// `pid`: the sidecar's.
  KeeperHandle(pid_t pid, KeeperLink link) : pid_(pid), link_(std::move(link)) {}
  ~KeeperHandle() override;
  KeeperHandle(const KeeperHandle&) = delete;
  KeeperHandle& operator=(const KeeperHandle&) = delete;

  pid_t pid() const override { return pid_; }
  /// The keeper's pidfd: the keeper ends when nothing of the sidecar is left.
  int pidfd() const override { return link_.keeper().pidfd.get(); }
  void SignalGroup(int signal) override;
  /// Kills the keeper if it has not taken the order to kill, and also if it has not carried the
  /// order out after kMostInsistences calls.
  void Insist() override;
  bool Ended() override;
  ExitStatus Finish() override;

 private:
  /// A keeper that runs gets so long to kill a sidecar that forks as fast as it is killed.
  static constexpr int kMostInsistences = 10;

  const pid_t pid_;  // the sidecar's
  KeeperLink link_;
  bool kill_lost_ = false;  // the order to kill did not reach the keeper
  int insistences_ = 0;
  bool finished_ = false;
};

}  // namespace zlayer::sidecar
