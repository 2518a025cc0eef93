// Starts the program as our own child.

#pragma once

#include "launch.h"

namespace zlayer::sidecar {

class GroupLaunch : public Launch {
 public:
  explicit GroupLaunch(LaunchRequest request) : request_(std::move(request)) {}

  Result<Launched> Run(const std::vector<std::string>& arguments, EventLoop* loop,
                       const std::stop_token& stop, Deadline deadline) override;

 private:
  const LaunchRequest request_;
};

}  // namespace zlayer::sidecar
