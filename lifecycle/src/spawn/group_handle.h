// A program as our own child, held by its process group: Containment::group.

#pragma once

#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/process_handle.h"

namespace zlayer::sidecar {

/// A process that leaves the group is not held.
class GroupHandle : public ProcessHandle {
 public:
  explicit GroupHandle(ChildProcess leader) : leader_(std::move(leader)) {}

  pid_t pid() const override { return leader_.pid; }
  int pidfd() const override { return leader_.pidfd.get(); }
  void SignalGroup(int signal) override;
  bool Ended() override;
  ExitStatus Finish() override;

 private:
  const ChildProcess leader_;
  bool reaped_elsewhere_ = false;
};

}  // namespace zlayer::sidecar
