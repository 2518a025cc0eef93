// What Client::Configure gets.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Everything that the client must know about its world.
struct ClientSetup {
  v1::ClientSettings settings;
  /// The whole environment of the client. Discovery reads it and the sidecar inherits it.
  std::map<std::string, std::string> environment;
  /// What the client's process does besides using the client; see proto/scenario.proto.
  v1::World::Host host = v1::World::ALONE;
  /// Gets each line of the client's log. The client may call it from any thread until it is
  /// destroyed.
  std::function<void(std::string_view line)> log = [](std::string_view) {};
};

}  // namespace zlayer::scenarios
