// openssl s_client as the client of a fake.
//
//   const Seen seen = RunOpenssl(ClientArguments(fake, fake.ReadPort()));

#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "fakes/tests/fake.h"

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

/// s_client ends by itself at the end of its stdin, which is /dev/null at once; with -ign_eof only
/// when the server closes.
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

/// The TLS verdict of the fake's first connection, when it has come.
inline v1::TlsVerdict Verdict(Fake& fake) {
  v1::TlsVerdict verdict;
  EXPECT_TRUE(fake.WaitForEntry([&](const v1::JournalEntry& entry) {
    if (entry.has_tls()) verdict = entry.tls();
    return entry.has_tls();
  }));
  return verdict;
}

}  // namespace zlayer::fakes
