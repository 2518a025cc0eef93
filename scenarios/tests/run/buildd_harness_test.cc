// Runs the program buildd-harness and checks its output, its exit status and what it leaves.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <pugixml.hpp>
#include <set>

#include "scenarios/runner/process/child_process.h"
#include "scenarios/runner/process/temp_directory.h"
#include "scenarios/runner/process/token_processes.h"

namespace zlayer::scenarios {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr std::chrono::seconds kLong{30};

struct ProgramEnd {
  int status;
  std::string output;  // stdout and stderr
};

/// Runs the program with its own environment and its own temporary directory.
class BuilddHarnessTest : public ::testing::Test {
 protected:
  tl::expected<ChildProcess, std::string> Start(const std::string& arguments) {
    return ChildProcess::Start(
        {"/bin/sh", "-c", "exec " BUILDD_HARNESS_PATH " " + arguments + " 2>&1"}, environment_);
  }

  ProgramEnd Finish(ChildProcess* harness, std::string output = "") {
    const Deadline deadline(kLong);
    while (auto line = harness->ReadLine(deadline)) output += *line + "\n";
    return {harness->Wait(deadline), output};
  }

  ProgramEnd Run(const std::string& arguments) {
    auto harness = Start(arguments);
    EXPECT_TRUE(harness) << harness.error();
    return harness ? Finish(&*harness) : ProgramEnd{-1, ""};
  }

  /// Runs the program with bad input. It must print one line and exit with status 2. Returns the
  /// line.
  std::string Refused(const std::string& arguments) {
    const ProgramEnd ended = Run(arguments);
    EXPECT_EQ(ended.status, 2) << ended.output;
    EXPECT_EQ(ended.output.find('\n') + 1, ended.output.size()) << ended.output;
    EXPECT_THAT(ended.output, StartsWith("buildd-harness: "));
    return ended.output;
  }

  std::string Path(const std::string& below) const { return directory_->path() + "/" + below; }

  void SetUp() override {
    ASSERT_TRUE(directory_);
    fs::create_directory(Path("tmp"));
    environment_["TMPDIR"] = Path("tmp");
    environment_["ZLAYER_DATA_DIR"] = Path("data");
  }

  tl::expected<TempDirectory, std::string> directory_ = TempDirectory::Make();
  EnvironmentMap environment_ = EnvironmentOfEveryChild();
};

TEST_F(BuilddHarnessTest, BadInputNamesTheNearest) {
  EXPECT_THAT(Refused("rnu"), HasSubstr("unknown command \"rnu\"; did you mean \"run\"?"));
  EXPECT_THAT(Refused("run --fliter x"), HasSubstr("did you mean \"--filter\"?"));
  EXPECT_THAT(Refused("run control/honst"), HasSubstr("did you mean \"control/honest\"?"));
  EXPECT_THAT(Refused("show control/honst"), HasSubstr("did you mean \"control/honest\"?"));
  EXPECT_THAT(Refused("run --catalog /nonexistent"), HasSubstr("/nonexistent: cannot be read"));
  EXPECT_THAT(Refused("run --fake /nonexistent"), HasSubstr("/nonexistent: is not executable"));
  EXPECT_THAT(Refused("run --junit /nonexistent/x.xml control"), HasSubstr("/nonexistent/x.xml"));
  EXPECT_THAT(Refused("up --binary /nonexistent"), HasSubstr("/nonexistent: is not executable"));
  EXPECT_THAT(Refused("up --idle-secs x"), HasSubstr("idle-secs"));
  EXPECT_THAT(Refused(""), HasSubstr("subcommand"));
}

TEST_F(BuilddHarnessTest, ValuesThatCannotBeAreNamedWithTheirOption) {
  EXPECT_THAT(Refused("run --timeout-scale nan"), HasSubstr("--timeout-scale: must be 1 to 100"));
  EXPECT_THAT(Refused("run --jobs 1e9"), HasSubstr("--jobs: must be 0 to 256, not \"1e9\""));
  EXPECT_THAT(Refused("run --repeat 0"), HasSubstr("--repeat: must be 1 to 1000000"));
  EXPECT_THAT(Refused("run --seed -1"), HasSubstr("--seed: must be 0 to"));
  EXPECT_THAT(Refused("run --adapter ''"), HasSubstr("--adapter: is empty"));
  EXPECT_THAT(Refused("run --junit ''"), HasSubstr("--junit: is empty"));
  EXPECT_THAT(Refused("run --junit x --json x"), HasSubstr("x: --junit and --json both name it"));
  EXPECT_THAT(Refused("up --binary /bin/true --addr h:1"), HasSubstr("give one"));
  EXPECT_THAT(Refused("show control/honest control/health"), HasSubstr("one argument too many"));
  EXPECT_THAT(Refused("nonsense"), Not(HasSubstr("worker")));
}

TEST_F(BuilddHarnessTest, RunningNothingIsAFailure) {
  EXPECT_THAT(Refused("run --filter 'nothing-matches*'"), HasSubstr("no scenario matches"));
  EXPECT_THAT(Refused("run control --suite teardown"), HasSubstr("both named and in a --suite"));
}

TEST_F(BuilddHarnessTest, ARunReportsAndLeavesNothing) {
  const std::string report = Path("report.xml");
  const ProgramEnd ended = Run("run --exact control/honest --junit " + report);
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("control/honest"));
  EXPECT_THAT(ended.output, HasSubstr("1 passed, 0 failed, 0 harness errors"));
  EXPECT_THAT(ended.output, Not(HasSubstr("\x1b"))) << "colours are for terminals";
  pugi::xml_document document;
  ASSERT_TRUE(document.load_file(report.c_str()));
  EXPECT_EQ(document.child("testsuites").attribute("tests").as_int(), 1);
  EXPECT_TRUE(fs::is_empty(Path("tmp")));
}

TEST_F(BuilddHarnessTest, AFailureIsStatusOneAndExplained) {
  fs::create_directories(Path("catalog/control"));
  std::ofstream(Path("catalog/control/honest.txtpb"))
      << "name: \"control/honest\" why: \"x\" step { ensure {} expect { error: \"storage\" } }";
  const ProgramEnd ended = Run("run --catalog " + Path("catalog"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("expected  storage"));
  EXPECT_THAT(ended.output, HasSubstr("0 passed, 1 failed, 0 harness errors"));
  EXPECT_TRUE(fs::is_empty(Path("tmp")));
}

TEST_F(BuilddHarnessTest, AReaderThatGoesAwayEndsTheRunAndLeavesNothing) {
  auto harness = Start("run handshake");
  ASSERT_TRUE(harness) << harness.error();
  ASSERT_TRUE(harness->ReadLine(Deadline(kLong)));
  harness->CloseStdout();
  EXPECT_EQ(harness->Wait(Deadline(kLong)), 1);
  EXPECT_TRUE(fs::is_empty(Path("tmp")));
}

TEST_F(BuilddHarnessTest, AnInterruptEndsTheRunAndLeavesNothing) {
  auto harness = Start("run handshake");
  ASSERT_TRUE(harness) << harness.error();
  const auto first = harness->ReadLine(Deadline(kLong));
  ASSERT_TRUE(first) << first.error();
  kill(harness->pid(), SIGINT);
  const ProgramEnd ended = Finish(&*harness);
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("interrupted"));
  EXPECT_TRUE(fs::is_empty(Path("tmp")));
}

std::multiset<std::string> NamesIn(const std::string& junit) {
  pugi::xml_document document;
  EXPECT_TRUE(document.load_file(junit.c_str()));
  std::multiset<std::string> names;
  for (const pugi::xpath_node& test : document.select_nodes("//testcase")) {
    names.insert(test.node().attribute("name").value());
  }
  return names;
}

TEST_F(BuilddHarnessTest, ShardsTogetherRunEachScenarioOnce) {
  EXPECT_EQ(Run("run discovery --junit " + Path("all.xml")).status, 0);
  EXPECT_EQ(Run("run discovery --shard 1/2 --junit " + Path("1.xml")).status, 0);
  environment_["GTEST_SHARD_INDEX"] = "1";
  environment_["GTEST_TOTAL_SHARDS"] = "2";
  EXPECT_EQ(Run("run discovery --junit " + Path("2.xml")).status, 0);
  std::multiset<std::string> shards = NamesIn(Path("1.xml"));
  EXPECT_FALSE(shards.empty());
  shards.merge(NamesIn(Path("2.xml")));
  EXPECT_EQ(shards, NamesIn(Path("all.xml")));
}

TEST_F(BuilddHarnessTest, AJobsIndexChoosesItsShard) {
  environment_["JOB_COMPLETION_INDEX"] = "6";
  EXPECT_THAT(Run("run discovery --shard job/7").output, HasSubstr("1 passed"));
  EXPECT_THAT(Refused("run --shard job/6"), HasSubstr("JOB_COMPLETION_INDEX"));
  environment_.erase("JOB_COMPLETION_INDEX");
  EXPECT_THAT(Refused("run --shard job/6"), HasSubstr("JOB_COMPLETION_INDEX is not set"));
  EXPECT_THAT(Refused("run --shard 0/2"), HasSubstr("parts count from 1"));
  EXPECT_THAT(Refused("run --shard 3/2"), HasSubstr("\"3\" of \"2\" is no part"));
  EXPECT_THAT(Refused("run --shard 2"), HasSubstr("write i/n"));
  EXPECT_THAT(Refused("run control/honest --shard 2/2"), HasSubstr("shard 2 of 2 is empty"));
}

TEST_F(BuilddHarnessTest, RepeatsAndStopsAtAFailure) {
  EXPECT_THAT(Run("run control/honest --repeat 3").output, HasSubstr("3 passed"));
  std::ofstream(Path("known")) << "control/honest  it does not\n";
  const ProgramEnd ended =
      Run("run control/honest --jobs 1 --repeat 3 --fail-fast --known-failures " + Path("known"));
  EXPECT_EQ(ended.status, 1);
  EXPECT_THAT(ended.output, HasSubstr("1 failed, 0 harness errors; "));
  EXPECT_THAT(ended.output, HasSubstr("interrupted, 2 not run"));
}

TEST_F(BuilddHarnessTest, TheJsonReportHasEveryScenario) {
  EXPECT_EQ(Run("run control --json " + Path("report.json")).status, 0);
  std::ifstream file(Path("report.json"));
  const std::string json{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(json, HasSubstr("\"name\": \"control/honest\""));
  EXPECT_THAT(json, HasSubstr("\"status\": \"PASSED\""));
  EXPECT_THAT(Refused("run control --json /nonexistent/report.json"),
              HasSubstr("/nonexistent/report.json: cannot be written"));
}

TEST_F(BuilddHarnessTest, BadClientsAreRefusedBeforeAnythingStarts) {
  EXPECT_THAT(Refused("run --adapter nothing-here"), HasSubstr("nothing-here: is not executable"));
  EXPECT_THAT(Refused("run --command /bin/sh --can BULID"), HasSubstr("did you mean \"BUILD\"?"));
  EXPECT_THAT(Refused("run --suite handshaek"), HasSubstr("did you mean \"handshake\"?"));
  EXPECT_THAT(Refused("run --known-failures /nonexistent"), HasSubstr("/nonexistent"));
}

TEST_F(BuilddHarnessTest, AProgramThatIsNoFakeIsNotTheClientsFault) {
  EXPECT_THAT(Run("run control/honest --fake /bin/true").output,
              AllOf(HasSubstr("is it fake-zlayer-buildd?"), HasSubstr("1 harness errors")));
}

TEST_F(BuilddHarnessTest, ListNamesAndShowPrints) {
  EXPECT_THAT(Run("list --filter 'control/*'").output, HasSubstr("control/honest"));
  EXPECT_THAT(Run("list --suite control control/honest").output, StartsWith("control/honest  "));
  EXPECT_THAT(Run("show control/honest").output, StartsWith("name: \"control/honest\"\n"));
}

/// Starts `buildd-harness up` and waits until the sidecar is ready. output_ holds what it has
/// printed.
class UpTest : public BuilddHarnessTest {
 protected:
  void SetUp() override {
    BuilddHarnessTest::SetUp();
    token_ = NewToken();
    environment_[std::string(kTokenVariable)] = token_;
    auto harness = Start("up --binary " FAKE_BUILDD_PATH);
    ASSERT_TRUE(harness) << harness.error();
    harness_ = std::move(*harness);
    const Deadline deadline(kLong);
    while (output_.find("Ctrl-C stops it.") == output_.npos) {
      const auto line = harness_->ReadLine(deadline);
      ASSERT_TRUE(line) << line.error() << output_;
      output_ += *line + "\n";
    }
  }

  /// The sidecar's pid, from the output.
  pid_t sidecar() const {
    const size_t label = output_.find("  pid ");
    const size_t digits = output_.find_first_of("0123456789", label);
    pid_t pid = 0;
    std::from_chars(output_.data() + digits, output_.data() + output_.size(), pid);
    return pid;
  }

  std::string token_;
  std::optional<ChildProcess> harness_;
  std::string output_;
};

TEST_F(UpTest, TellsEachPhaseAndStopsWhenAsked) {
  for (const char* phase :
       {"discover", "tls_material", "storage", "spawn", "handshake", "dial", "probe", "address"}) {
    EXPECT_THAT(output_, HasSubstr(std::string("  ") + phase)) << output_;
  }
  ASSERT_TRUE(PinByToken(sidecar(), token_).pidfd) << output_;
  kill(harness_->pid(), SIGTERM);
  const ProgramEnd ended = Finish(&*harness_);
  EXPECT_EQ(ended.status, 0) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("exit code 0"));
  EXPECT_THAT(FindByToken(token_), IsEmpty());
}

TEST_F(UpTest, SaysSoWhenTheSidecarDies) {
  std::vector<TokenProcess> sidecars;
  sidecars.push_back(PinByToken(sidecar(), token_));
  ASSERT_TRUE(sidecars[0].pidfd) << output_;
  KillAll(sidecars);
  const ProgramEnd ended = Finish(&*harness_);
  EXPECT_EQ(ended.status, 1) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("the sidecar is gone"));
  EXPECT_THAT(ended.output, HasSubstr("killed by signal 9"));
  EXPECT_THAT(FindByToken(token_), IsEmpty());
}

}  // namespace
}  // namespace zlayer::scenarios
