// `openssl s_client` as the client of a fake: a TLS implementation that runs in its own process and
// names in its output what it refuses.
//
//   const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {

struct Seen {
  std::optional<Ended> ended;
  std::string output;  ///< stdout, then stderr
  std::chrono::steady_clock::duration took;
};

inline Seen RunOpenssl(std::vector<std::string> arguments) {
  const auto begin = std::chrono::steady_clock::now();
  Process client({.program = "openssl", .arguments = std::move(arguments)});
  const auto ended = client.Wait();
  return {ended, client.Stdout() + client.Stderr(), std::chrono::steady_clock::now() - begin};
}

/// The client stays until the server closes the connection. Without -ign_eof, s_client exits at the
/// end of its stdin, which is /dev/null and so ends at once.
inline std::vector<std::string> UntilClosed(std::vector<std::string> arguments) {
  arguments.emplace_back("-ign_eof");
  return arguments;
}

inline std::vector<std::string> Without(std::vector<std::string> arguments,
                                        const std::string& flag) {
  const auto at = std::find(arguments.begin(), arguments.end(), flag);
  arguments.erase(at, at + 2);
  return arguments;
}

/// The arguments with another client certificate and key.
inline std::vector<std::string> Presenting(const std::vector<std::string>& arguments,
                                           const std::string& certificate, const std::string& key) {
  std::vector<std::string> changed = Without(Without(arguments, "-cert"), "-key");
  changed.insert(changed.end(), {"-cert", certificate, "-key", key});
  return changed;
}

/// Waits for the fake's TLS verdict on connection number `connection`.
inline v1::TlsVerdict Verdict(Fake& fake, std::uint32_t connection = 1) {
  v1::TlsVerdict verdict;
  EXPECT_TRUE(fake.WaitForEntry([&](const v1::JournalEntry& entry) {
    verdict = entry.tls();
    return entry.tls().connection() == connection;
  }));
  return verdict;
}

}  // namespace zlayer::fakes
