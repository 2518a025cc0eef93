// The stream of one Build, of any length.

#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "world.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace grpc {
class Channel;
}

namespace zlayer::bench {

/// The steps of a plan whose Build is `lines` log lines of `line` bytes each, and `finished`.
std::string StreamPlan(size_t line, size_t lines);

/// Events of one Build over `channel`; 0 when it failed.
size_t ReadBuild(const std::shared_ptr<grpc::Channel>& channel);

/// A fake that runs, and the library's connection to it.
struct Up {
  explicit Up(World in) : world(std::move(in)), lifecycle(world.config(), world.options()) {}

  /// `plan`: as World::Make has it.
  static tl::expected<std::unique_ptr<Up>, std::string> Make(const std::string& plan = {});

  World world;
  sidecar::SidecarLifecycle lifecycle;
  std::optional<sidecar::LiveSidecar> live;
};

}  // namespace zlayer::bench
