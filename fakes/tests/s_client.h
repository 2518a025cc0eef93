// A TLS peer that is not ours: openssl s_client, with the fake's own leaf.

#pragma once

#include <chrono>
#include <string>

#include "fakes/tests/fake.h"

namespace zlayer::fakes {

struct ClientSeen {
  std::optional<Ended> ended;
  std::string output;  ///< stdout, then stderr
  std::chrono::steady_clock::duration took;
};

/// Ends when its handshake has, or has failed.
inline ClientSeen RunClient(const Fake& fake, const std::string& port) {
  const auto begin = std::chrono::steady_clock::now();
  Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
  const auto ended = client.Wait();
  return {ended, client.Stdout() + client.Stderr(), std::chrono::steady_clock::now() - begin};
}

}  // namespace zlayer::fakes
