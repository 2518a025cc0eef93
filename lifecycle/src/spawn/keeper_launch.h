// Starts the program with a keeper as its parent.

#pragma once

#include "lifecycle/src/spawn/child_process.h"
#include "lifecycle/src/spawn/launch.h"
#include "lifecycle/src/spawn/launch_pipes.h"

namespace zlayer::sidecar {

class KeeperLaunch : public Launch {
 public:
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request, LaunchLimits limits);
  ~KeeperLaunch() override;

  Result<Launched> Await() override;

 private:
  KeeperLaunch(LaunchRequest request, LaunchLimits limits, LaunchPipes pipes)
      : request_(std::move(request)), limits_(std::move(limits)), pipes_(std::move(pipes)) {}

  Result<void> Start(const std::string& keeper_path);
  bool IsRefusedNamespace(const StartFailure& failure) const;
  tl::expected<ChildProcess, StartFailure> StartContained(ChildRequest keeper) const;
  Result<pid_t> AwaitStarted() const;
  bool KeeperEnds() const;

  const LaunchRequest request_;
  const LaunchLimits limits_;
  LaunchPipes pipes_;
  UniqueFd control_;  // our end; the keeper takes its closing for our death
  ChildProcess keeper_{-1, UniqueFd()};
};

}  // namespace zlayer::sidecar
