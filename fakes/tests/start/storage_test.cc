// The storage that the daemon opens before it listens.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "fakes/tests/fixture/log_lines.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> Storage(const std::string& graph, const std::string& run,
                                 const std::string& driver = "vfs") {
  return {"--storage-root", graph, "--storage-runroot", run, "--storage-driver", driver};
}

mode_t ModeOf(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 ? found.st_mode : 0;
}

/// The log line of a start that fails before the handshake line.
LogLine Refused(Fake& fake, const std::string& message) {
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(1));
  EXPECT_EQ(fake.process().Stdout(), "");
  const auto lines = LogLines(fake.process().Stderr());
  EXPECT_EQ(MessagesOf(lines).back(), message);
  return lines.back();
}

TEST(StorageTest, MissingDirectoriesAreMadeForTheOwnerAloneBeforeTheLine) {
  const TemporaryDirectory place;
  const std::string graph = place / "a/graph";
  const std::string run = place / "b/c/run";
  Fake fake({.plan = "fault { hang { phase: BOUND } }", .arguments = Storage(graph, run)});
  ASSERT_TRUE(fake.WaitForFault("hang"));
  for (const std::string& path : {graph, run, place / "a", place / "b/c"}) {
    EXPECT_EQ(ModeOf(path), mode_t{S_IFDIR | 0700}) << path;
  }
}

TEST(StorageTest, WhatIsThereKeepsItsMode) {
  const TemporaryDirectory place;
  const std::string graph = place / "graph";
  ASSERT_EQ(mkdir(graph.c_str(), 0750), 0);
  ASSERT_EQ(chmod(graph.c_str(), 0750), 0);
  Fake fake({.arguments = Storage(graph, place / "run")});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_EQ(ModeOf(graph), mode_t{S_IFDIR | 0750});
}

TEST(StorageTest, OneThatCannotBeOpenedIsStatus1BeforeTheLine) {
  const TemporaryDirectory place;
  const std::string file = place / "file";
  std::ofstream(file) << "x";
  const std::string good = place / "good";
  for (const auto& [arguments, reason] :
       {std::pair{Storage(file, good), file + ": Not a directory"},
        {Storage(good, file), file + ": Not a directory"},
        {Storage(file + "/below", good), file + "/below: Not a directory"},
        {Storage(good, good, "floppy"), std::string("driver floppy is not supported")}}) {
    Fake fake({.arguments = arguments});
    const LogLine line = Refused(fake, "failed to open containers/storage store");
    EXPECT_EQ(line.Text("level"), "ERROR");
    EXPECT_EQ(line.Text("graph_root"), arguments[1]);
    EXPECT_EQ(line.Text("run_root"), arguments[3]);
    EXPECT_EQ(line.Text("driver"), arguments[5]);
    EXPECT_THAT(line.Text("error"), HasSubstr(reason));
  }
}

TEST(StorageTest, TheStoreIsOpenedBehindTheTlsFilesAndBeforeTheAddress) {
  const std::vector<std::string> bad_store = {"--storage-driver", "floppy"};
  const std::vector<std::string> bad_address = {"--bind", "nowhere"};
  std::vector<std::string> all = {"--tls-ca", "/dev/null"};
  all.insert(all.end(), bad_store.begin(), bad_store.end());
  all.insert(all.end(), bad_address.begin(), bad_address.end());
  Fake first({.arguments = all});
  Refused(first, "failed to load TLS config");
  Fake second({.arguments = {all.begin() + 2, all.end()}});
  Refused(second, "failed to open containers/storage store");
  Fake third({.arguments = bad_address});
  Refused(third, "failed to listen");
}

TEST(StorageTest, TwoDaemonsOnOneStorageBothRun) {
  const TemporaryDirectory place;
  const auto arguments = Storage(place / "graph", place / "run");
  Fake first({.arguments = arguments});
  Fake second({.arguments = arguments});
  EXPECT_NE(first.ReadPort(), "");
  EXPECT_NE(second.ReadPort(), "");
}

TEST(StorageTest, WithoutADriverTheStoreChoosesOverlay) {
  const TemporaryDirectory place;
  Fake fake({.arguments = {"--storage-root", place / "graph", "--storage-runroot", place / "run"}});
  ASSERT_NE(fake.ReadPort(), "");
  const auto lines = LogAtEnd(fake);
  EXPECT_EQ(LineOf(lines, "containers/storage store initialised").Text("driver"), "overlay");
  EXPECT_EQ(LineOf(lines, "zlayer-buildd ready").Text("driver"), "overlay");
}

}  // namespace
}  // namespace zlayer::fakes
