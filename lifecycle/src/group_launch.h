// Starts the program as our own child.

#pragma once

#include <future>
#include <string>

#include "child_process.h"
#include "launch.h"
#include "launch_pipes.h"

namespace zlayer::sidecar {

class GroupLaunch : public Launch {
 public:
  static Result<std::unique_ptr<Launch>> Begin(LaunchRequest request, EventLoop* loop);
  ~GroupLaunch() override;

  Result<Launched> Await(const std::stop_token& stop, Deadline deadline) override;

 private:
  explicit GroupLaunch(LaunchPipes pipes) : pipes_(std::move(pipes)) {}

  LaunchPipes pipes_;
  ChildRequest child_;
  /// Not valid once it was awaited. A spawn cannot be cut short and need not be.
  std::future<tl::expected<ChildProcess, int>> started_;
};

}  // namespace zlayer::sidecar
