// A temporary directory to start sidecars in, and the settings that use it.
//
//   auto world = World::Make();
//   if (!world) return state.SkipWithError(world.error().c_str());
//   SidecarLifecycle lifecycle(world->config(), world->options());

#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "zlayer/sidecar/config.h"

namespace zlayer::bench {

/// A temporary data directory with TLS material, and the path of the fake, which lies beside this
/// program. The destructor removes the directory.
class World {
 public:
  /// `plan` is a FaultPlan as protobuf text; empty means the honest daemon. Make() starts and stops
  /// one sidecar, so that the certificates exist and the binary is in the page cache. The error is
  /// one line.
  static tl::expected<World, std::string> Make(std::string_view plan = {});

  World(World&& other) noexcept;
  World& operator=(World&&) = delete;
  ~World();

  sidecar::SidecarConfig config() const;
  sidecar::LifecycleOptions options() const;

  const std::string& binary() const { return binary_; }
  /// The path of another program in the fake's directory.
  std::string Beside(const std::string& program) const {
    return binary_.substr(0, binary_.rfind('/') + 1) + program;
  }
  const std::string& data_dir() const { return directory_; }
  std::string tls_dir() const { return directory_ + "/buildd"; }
  /// What the library passes to the sidecar, for a program that starts it by itself.
  std::vector<std::string> Arguments() const;

 private:
  World() = default;

  std::string directory_;
  std::string binary_;
  std::string plan_file_;
};

}  // namespace zlayer::bench
