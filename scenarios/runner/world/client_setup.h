// What a client is given before its first step.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// What a client is told before its first step.
struct ClientSetup {
  v1::ClientSettings settings;
  /// The whole environment: what discovery reads and the sidecar inherits.
  std::map<std::string, std::string> environment;
  /// What else the client's process does.
  v1::World::Host host = v1::World::ALONE;
  /// Takes a line of the client's log, from any thread, until the client is destroyed.
  std::function<void(std::string_view line)> log = [](std::string_view) {};
};

}  // namespace zlayer::scenarios
