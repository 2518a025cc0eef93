// The handle on a sidecar that is a child of this process: Containment::group.

#pragma once

#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/process_handle.h"

namespace zlayer::sidecar {

/// Signals the sidecar's process group, and reaps the sidecar itself. What has left the group is
/// neither signalled nor killed.
class GroupHandle final : public ProcessHandle {
 public:
  explicit GroupHandle(ChildProcess leader) : leader_(std::move(leader)) {}
  ~GroupHandle() override;
  GroupHandle(const GroupHandle&) = delete;
  GroupHandle& operator=(const GroupHandle&) = delete;

  pid_t pid() const override { return leader_.pid; }
  int pidfd() const override { return leader_.pidfd.get(); }
  void SignalGroup(int signal) override;
  void Insist() override {}
  bool Ended() override;
  ExitStatus Finish() override;

 private:
  const ChildProcess leader_;      // the sidecar, which leads its process group
  bool reaped_elsewhere_ = false;  // leader_.pid must not be used any more
  bool finished_ = false;
};

}  // namespace zlayer::sidecar
