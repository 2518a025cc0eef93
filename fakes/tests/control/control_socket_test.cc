// Where the control socket may be, and who listens on it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "fakes/tests/control/control_client.h"
#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Starts a fake with this ZLAYER_FAKE_CONTROL and returns why it was refused.
std::string Refused(const std::string& control) {
  Fake fake({.environment = {{"ZLAYER_FAKE_CONTROL", control}}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_EQ(fake.process().Stdout(), "");
  const std::string head = "fake-zlayer-buildd: ZLAYER_FAKE_CONTROL=" + control + ": ";
  EXPECT_THAT(fake.process().Stderr(), StartsWith(head));
  return fake.process().Stderr().substr(std::min(head.size(), fake.process().Stderr().size()));
}

TEST(ControlSocketTest, IsMadeInAPrivateDirectoryOnly) {
  TemporaryDirectory place;
  const std::string open = place / "open";
  for (const mode_t mode : {0755, 0750, 0701, 0777}) {
    mkdir(open.c_str(), 0700);
    chmod(open.c_str(), mode);
    EXPECT_THAT(Refused("unix:" + open + "/control"), HasSubstr("is not private (mode 0"));
  }
  EXPECT_THAT(Refused("unix:" + open + "/none/control"), HasSubstr("No such file or directory"));
  std::ofstream(place / "file") << "kept";
  EXPECT_THAT(Refused("unix:" + (place / "file")), HasSubstr("is there and is not a socket"));
  EXPECT_TRUE(std::filesystem::exists(place / "file"));
  EXPECT_EQ(Refused("unix:"), "names no path\n");
  EXPECT_EQ(Refused(""), "must be unix:PATH\n");
  EXPECT_EQ(Refused("/tmp/control"), "must be unix:PATH\n");
  EXPECT_THAT(Refused("unix:" + (place / std::string(100, 'x'))), HasSubstr("is longer than"));
}

TEST(ControlSocketTest, TheFakeThatStartsLastAnswers) {
  TemporaryDirectory place;
  const std::map<std::string, std::string> environment = {
      {"ZLAYER_FAKE_CONTROL", "unix:" + (place / "control")}};
  Fake first({.plan = "seed: 1", .environment = environment});
  EXPECT_NE(first.ReadPort(), "");
  Fake second({.plan = "seed: 2", .environment = environment});
  EXPECT_NE(second.ReadPort(), "");
  EXPECT_EQ(ControlClient(place / "control").Ask(R"({"show":{}})"),
            R"({"shown":{"plan":{"seed":"2"}}})");
}

TEST(ControlSocketTest, AHungStartCanBeSeenAndEnded) {
  Fake fake({.plan = "seed: 1 fault { hang { phase: BOUND } }", .control = true});
  EXPECT_TRUE(fake.WaitForFault("hang"));
  ControlClient control(fake.ControlPath());
  EXPECT_EQ(control.Ask(R"({"arm":{"delay":{"ms":1}}})"),
            R"({"error":"request: arm.delay: cannot happen any more: it acts in the start, which )"
            R"(is past that phase"})");
  EXPECT_EQ(control.Ask(R"({"arm":{"delay":{"phase":"LINE","ms":1}}})"),
            R"({"armed":{"index":1,"kind":"delay"}})");
  EXPECT_EQ(control.Ask(R"({"quit":{}})"), R"({"quitting":{}})");
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

}  // namespace
}  // namespace zlayer::fakes
