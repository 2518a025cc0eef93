// The same plan, seed and client give the same faults.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <regex>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/tls/openssl_client.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {
namespace {

using ::testing::ElementsAreArray;

std::vector<std::string> Lines(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

std::string Replaced(const std::string& text, const char* pattern, const char* by) {
  return std::regex_replace(text, std::regex(pattern), by);
}

/// The lines of the journal, with everything that differs between runs replaced: times, process
/// ids, ports and paths.
std::vector<std::string> WhatHappened(const Fake& fake) {
  std::vector<std::string> lines;
  for (std::string line : Lines(fake.directory() / "journal")) {
    line = Replaced(line, R"re("monotonic_ns":"\d+")re", "TIME");
    line = Replaced(line, R"re("(pid|ppid|pgid|sid|sender_pid)":\d+)re", "$1");
    line = Replaced(line, R"re(127\.0\.0\.1:[1-9]\d*)re", "PEER");
    line = Replaced(line, R"re("head":"[^"]*","size":"\d+")re", "LINE");  // has the port
    line = Replaced(line, R"re(/[^" ]*zlayer-fake-[A-Za-z0-9]+)re", "DIRECTORY");
    lines.push_back(line);
  }
  return lines;
}

/// Makes eight connections, one after the other, to a fake with random faults. They must not
/// overlap: the same order of connections is part of what a seed repeats.
std::vector<std::string> RunWithSeed(int seed) {
  Fake fake({.plan = "seed: " + std::to_string(seed) +
                     " fault { when { probability: 0.5 } tls_refuse_client { reason: EXPIRED } }"
                     " fault { when { probability: 0.5 } slicer { average_size: 300"
                     " size_variation: 200 } }"});
  const std::string port = fake.ReadPort();
  for (unsigned i = 1; i <= 8; ++i) {
    RunOpenssl(ClientArguments(fake, port));
    EXPECT_TRUE(fake.WaitForEntry(
        [&](const v1::JournalEntry& entry) { return entry.tls().connection() == i; }));
  }
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
  return WhatHappened(fake);
}

std::vector<std::string> WithoutSeed(std::vector<std::string> lines) {
  for (std::string& line : lines) line = Replaced(line, R"re("seed":"\d+")re", "");
  return lines;
}

TEST(SeedTest, TheSameOneGivesTheSameJournalAndAnotherOneDoesNot) {
  const auto first = RunWithSeed(7);
  EXPECT_THAT(RunWithSeed(7), ElementsAreArray(first));
  EXPECT_NE(WithoutSeed(RunWithSeed(8)), WithoutSeed(first));
}

}  // namespace
}  // namespace zlayer::fakes
