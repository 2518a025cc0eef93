// Starts the program as the child of a keeper.

#pragma once

#include "child_process.h"
#include "launch.h"
#include "launch_pipes.h"

namespace zlayer::sidecar {

class KeeperLaunch : public Launch {
 public:
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request);
  ~KeeperLaunch() override;

  Result<Launched> Await(const std::stop_token& stop, Deadline deadline) override;

 private:
  KeeperLaunch(LaunchRequest request, LaunchPipes pipes)
      : request_(std::move(request)), pipes_(std::move(pipes)) {}

  Result<void> StartKeeper(const std::string& path);
  Result<void> OrderStart() const;
  tl::expected<ChildProcess, int> StartContained(const ChildRequest& keeper) const;
  Result<pid_t> AwaitStarted(const std::stop_token& stop, Deadline deadline) const;

  const LaunchRequest request_;
  LaunchPipes pipes_;
  UniqueFd control_;  // our end; the keeper takes its closing for our death
  ChildProcess keeper_{-1, UniqueFd()};
};

}  // namespace zlayer::sidecar
