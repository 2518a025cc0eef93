// Starts and stops a sidecar as the first client does, to compare the library with it.
//
//   auto client = FirstClient::Start(world);
//   auto stopped = client->Shutdown();

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "piped_child.h"

namespace zlayer::bench {

/// Opens no connection to the sidecar.
class FirstClient {
 public:
  /// Spawns the fake; a thread of its own reads the line, hands it over and closes stdout.
  static tl::expected<FirstClient, std::string> Start(const World& world);

  /// Sends SIGTERM, then checks every 50 ms on the caller's thread whether the process has ended,
  /// and sends SIGKILL after 5 s. Fails unless the fake exits with status 0.
  tl::expected<void, std::string> Shutdown();

 private:
  explicit FirstClient(PipedChild child) : child_(std::move(child)) {}

  PipedChild child_;
};

}  // namespace zlayer::bench
