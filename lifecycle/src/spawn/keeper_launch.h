// Starts the sidecar with a keeper as its parent: Containment::keeper and pid_namespace.
//
// This process clones one child. That child closes its copies of our descriptors, clones the
// sidecar, and only then executes zlayer-buildd-keeper. An exec keeps
// the pid and the children, so the keeper is the sidecar's parent.
//
// Why the sidecar is started before its keeper: the sidecar does not wait for the keeper's exec
// and start. That saves 0.7 ms of each cold start: the handshake line comes after 4.6 ms instead
// of 5.3, where a plain posix_spawn(3) takes 3.9 (bench/COLD_START.md, "What was tried";
// bench_peers compares SpawnToLine/library with SpawnToLine/posix_spawn). The simple way is to
// execute the keeper first and let it fork the sidecar. keeper/start_program.cc has that way, for
// hosts on which clone(2) is refused.

#pragma once

#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/keeper_link.h"
#include "lifecycle/src/spawn/launch.h"
#include "lifecycle/src/spawn/launch_pipes.h"

namespace zlayer::sidecar {

class KeeperLaunch : public Launch {
 public:
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request, LaunchLimits limits);
  ~KeeperLaunch() override;

  Result<Launched> Await() override;

 private:
  KeeperLaunch(std::string keeper_path, LaunchRequest request, LaunchLimits limits,
               LaunchPipes pipes)
      : keeper_path_(std::move(keeper_path)),
        request_(std::move(request)),
        limits_(std::move(limits)),
        pipes_(std::move(pipes)) {}

  Result<void> Start();
  tl::expected<ChildProcess, StartFailure> StartContained(ChildRequest keeper) const;
  tl::unexpected<LifecycleError> WhyNot(const StartFailure& failure) const;
  Result<pid_t> AwaitStarted();
  tl::unexpected<LifecycleError> EndedWithoutReport();

  const std::string keeper_path_;
  const LaunchRequest request_;
  const LaunchLimits limits_;
  LaunchPipes pipes_;
  KeeperLink link_;
};

}  // namespace zlayer::sidecar
