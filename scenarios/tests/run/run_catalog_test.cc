#include "scenarios/runner/run/run_catalog.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <latch>

#include "scenarios/runner/clients/embedded_client.h"
#include "scenarios/runner/process/temp_directory.h"

namespace zlayer::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Writes a catalogue into a directory and runs it with the embedded client.
class RunCatalogTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& rest) {
    const std::string path = directory_->path() + "/" + name + ".txtpb";
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << "name: \"" << name << "\" why: \"x\" " << rest;
  }

  RunResult Run(const std::function<bool()>& stopped = [] { return false; }) {
    const auto catalog = Catalog::FromDirectory(directory_->path());
    EXPECT_TRUE(catalog) << catalog.error();
    std::vector<const CatalogEntry*> chosen;
    for (const auto& entry : catalog->entries()) {
      if (entry.suite() != "control") chosen.push_back(&entry);
    }
    RunObserver observer;
    observer.on_start = [this](const std::string& name) { started_.push_back(name); };
    observer.stopped = stopped;
    const RunOne here = [](const CatalogEntry& entry) {
      return RunScenario(entry, {FAKE_BUILDD_PATH, &MakeEmbeddedClient, "again"});
    };
    return RunCatalog(*catalog, chosen, {here}, observer);
  }

  tl::expected<TempDirectory, std::string> directory_ = TempDirectory::Make();
  std::vector<std::string> started_;
};

constexpr char kPasses[] = "step { ensure {} }";
constexpr char kFails[] = "step { ensure {} expect { error: \"storage\" } }";

TEST_F(RunCatalogTest, AControlOpensAndClosesASuite) {
  Write("control/honest", kPasses);
  Write("s/one", kPasses);
  const RunResult run = Run();
  EXPECT_TRUE(run.passed());
  EXPECT_EQ(run.Count(Status::passed), 1u);
  EXPECT_THAT(started_, ElementsAre("s/control-first", "s/one", "s/control-last"));
}

/// A lane that runs nothing and takes the result from `answer`.
RunOne Scripted(std::function<ScenarioResult(const std::string& name)> answer) {
  return [answer = std::move(answer)](const CatalogEntry& entry) {
    ScenarioResult result = answer(entry.name);
    result.name = entry.name;
    return result;
  };
}

TEST_F(RunCatalogTest, LanesRunAtOnceAndAreReportedInOrder) {
  for (const char* name : {"control/honest", "s/a", "s/b", "t/c"}) Write(name, kPasses);
  const auto catalog = Catalog::FromDirectory(directory_->path());
  std::vector<const CatalogEntry*> chosen;
  for (const char* name : {"s/a", "s/b", "t/c"}) chosen.push_back(catalog->Find(name));
  std::latch both(2);  // s/a cannot end before t/c has begun
  const RunOne lane = Scripted([&](const std::string& name) {
    if (name == "s/a") both.arrive_and_wait();
    if (name == "t/c") both.arrive_and_wait();
    return ScenarioResult{};
  });
  std::vector<std::string> reported;
  RunObserver observer;
  observer.on_suite = [&](const std::string& suite) { reported.push_back(suite); };
  observer.on_result = [&](const ScenarioResult& result) { reported.push_back(result.name); };
  const RunResult run = RunCatalog(*catalog, chosen, {lane, lane}, observer);
  EXPECT_TRUE(run.passed());
  EXPECT_THAT(reported, ElementsAre("s", "s/a", "s/b", "t", "t/c"));
}

TEST_F(RunCatalogTest, AControlThatFailsMakesItsSuiteAHarnessError) {
  Write("control/honest", kFails);
  Write("s/one", kPasses);
  const RunResult run = Run();
  EXPECT_FALSE(run.passed());
  EXPECT_THAT(started_, ElementsAre("s/control-first"));
  ASSERT_EQ(run.Count(Status::harness_error), 1u);
  EXPECT_THAT(run.suites[0].results[0].reason,
              HasSubstr("the positive control control/honest did not pass"));
}

TEST_F(RunCatalogTest, ASuiteCanHaveAControlOfItsOwn) {
  Write("control/honest", kFails);
  Write("control/s", kPasses);
  Write("s/one", kPasses);
  EXPECT_TRUE(Run().passed());
}

TEST_F(RunCatalogTest, WithoutAControlNothingIsSaid) {
  Write("s/one", kPasses);
  EXPECT_FALSE(Run().passed());
}

TEST_F(RunCatalogTest, AFailureFailsTheRun) {
  Write("control/honest", kPasses);
  Write("s/one", kFails);
  Write("s/two", kPasses);
  const RunResult run = Run();
  EXPECT_FALSE(run.passed());
  EXPECT_EQ(run.Count(Status::failed), 1u);
  EXPECT_EQ(run.Count(Status::passed), 1u);
}

TEST_F(RunCatalogTest, AnInterruptedRunDoesNotPass) {
  Write("control/honest", kPasses);
  Write("s/one", kPasses);
  Write("s/two", kPasses);
  int asked = 0;
  const RunResult run =
      Run([&] { return ++asked > 2; });  // stops after the control and one scenario
  EXPECT_TRUE(run.interrupted);
  EXPECT_EQ(run.Count(Status::passed), 1u);
  EXPECT_FALSE(run.passed());
}

TEST(RunResultTest, RunningNothingIsAFailure) { EXPECT_FALSE(RunResult().passed()); }

}  // namespace
}  // namespace zlayer::scenarios
