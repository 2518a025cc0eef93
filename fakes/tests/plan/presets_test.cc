// The presets, and the choice of the plan: every preset passes the check and says why, every fault
// has a preset, and the variable, the file beside the path and the path itself are tried in this
// order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "fakes/tests/fixture/fake.h"
#include "proto/message_file.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

std::string Output(std::vector<std::string> arguments) {
  Process fake({.program = FakePath(), .arguments = std::move(arguments)});
  EXPECT_EQ(fake.Wait(), Ended::WithCode(0)) << fake.Stderr();
  return fake.Stdout();
}

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  std::istringstream lines(Output({"--list-plans"}));
  for (std::string line; std::getline(lines, line);) {
    names.push_back(line.substr(0, line.find(' ')));
  }
  return names;
}

std::string PathOf(const std::string& preset) {
  const std::string line = Output({"--path", preset});
  return line.substr(0, line.find('\n'));
}

TEST(PresetsTest, EveryPlanPassesCheckAndSaysWhy) {
  TemporaryDirectory directory;
  const auto names = PresetNames();
  EXPECT_GE(names.size(), 30u);
  for (const std::string& name : names) {
    const std::string text = Output({"--print-plan", name});
    std::ofstream(directory / "plan") << text;
    EXPECT_EQ(Output({"--check", directory / "plan"}), "") << name;
    const auto plan = ParseMessage<v1::FaultPlan>(name, text);
    ASSERT_TRUE(plan) << plan.error();
    EXPECT_NE(plan->why(), "") << name;
  }
}

TEST(PresetsTest, EveryFaultOfTheSchemaHasOne) {
  std::set<std::string> used;
  for (const std::string& name : PresetNames()) {
    const auto plan = ParseMessage<v1::FaultPlan>(name, Output({"--print-plan", name}));
    ASSERT_TRUE(plan) << plan.error();
    for (const v1::Fault& fault : plan->fault()) {
      used.insert(v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case())->name());
    }
  }
  const auto* kinds = v1::Fault::descriptor()->FindOneofByName("kind");
  for (int i = 0; i < kinds->field_count(); ++i) {
    EXPECT_TRUE(used.contains(kinds->field(i)->name())) << kinds->field(i)->name();
  }
}

/// Starts the fake at `path` and expects its journal to name this source of the plan.
void ExpectSource(const std::string& path, const std::string& source) {
  Fake fake({.program = path});
  EXPECT_TRUE(fake.WaitForEntry([&](const v1::JournalEntry& entry) {
    return entry.plan().source() == source;
  })) << path
      << " " << fake.process().Stderr();
}

TEST(PlanChoiceTest, EveryPathStartsItsPreset) {
  for (const std::string& name : PresetNames()) ExpectSource(PathOf(name), "preset " + name);
}

TEST(PlanChoiceTest, OtherPathsAreHonest) { ExpectSource(FakePath(), "honest"); }

TEST(PlanChoiceTest, PlanBesideThePathWinsOverThePath) {
  TemporaryDirectory directory;
  const std::string place = directory / "fakes/tls-off";
  std::filesystem::create_directories(place);
  std::filesystem::create_symlink(FakePath(), place + "/zlayer-buildd");
  ExpectSource(place + "/zlayer-buildd", "preset tls-off");
  std::ofstream(place + "/zlayer-buildd.plan") << "fault { ignore_signals {} }";
  ExpectSource(place + "/zlayer-buildd", place + "/zlayer-buildd.plan");
}

TEST(PlanChoiceTest, VariableWinsOverThePath) {
  Fake fake({.program = PathOf("hang-at-start"), .environment = {{"ZLAYER_FAKE_PLAN", "honest"}}});
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(PlanChoiceTest, UnknownPresetInThePathIsBadInput) {
  TemporaryDirectory directory;
  std::filesystem::create_directories(directory / "fakes/tls-of");
  std::filesystem::create_symlink(FakePath(), directory / "fakes/tls-of/zlayer-buildd");
  Fake fake({.program = directory / "fakes/tls-of/zlayer-buildd"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_THAT(fake.process().Stderr(),
              HasSubstr("unknown preset \"tls-of\"; did you mean \"tls-off\"?"));
}

TEST(PlanChoiceTest, TheVariableCanHoldThePlan) {
  for (const char* plan : {"fault { exit { code: 7 } }", R"({"fault":[{"exit":{"code":7}}]})",
                           " { \"fault\": [ { "
                           "\"exit\": {\"code\": 7} "
                           "} ] } "}) {
    Fake fake({.environment = {{"ZLAYER_FAKE_PLAN", plan}}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7)) << fake.process().Stderr();
    EXPECT_TRUE(fake.HasFired("exit"));
  }
  Fake bad({.environment = {{"ZLAYER_FAKE_PLAN", "fault { exti {} }"}}});
  EXPECT_EQ(bad.process().Wait(), Ended::WithCode(2));
  EXPECT_EQ(bad.process().Stderr(),
            "fake-zlayer-buildd: ZLAYER_FAKE_PLAN:1: unknown field \"exti\" in Fault; did you mean "
            "\"exit\"?\n");
}

TEST(PlanChoiceTest, AnEmptyVariableIsNoHonestDaemon) {
  Fake fake({.environment = {{"ZLAYER_FAKE_PLAN", ""}}});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_EQ(fake.process().Stderr(),
            "fake-zlayer-buildd: ZLAYER_FAKE_PLAN: is set and empty; unset it, or name the preset "
            "\"honest\"\n");
}

TEST(PlanCheckTest, ReadsStdin) {
  TemporaryDirectory directory;
  std::ofstream(directory / "plan") << "why: \"x\"\nfault { hangg {} }";
  Process check({.program = FakePath(),
                 .arguments = {"--check", "-"},
                 .environment = {},
                 .input = directory / "plan"});
  EXPECT_EQ(check.Wait(), Ended::WithCode(2));
  EXPECT_EQ(check.Stderr(),
            "fake-zlayer-buildd: stdin:2: unknown field \"hangg\" in Fault; did you mean "
            "\"hang\"?\n");
}

TEST(PresetPathTest, ALoneCopyMakesItsDirectory) {
  TemporaryDirectory directory;
  std::filesystem::copy_file(FakePath(), directory / "fake");
  for (int i = 0; i < 2; ++i) {
    Process path({.program = directory / "fake", .arguments = {"--path", "exit-with-reason"}});
    EXPECT_EQ(path.Wait(), Ended::WithCode(0)) << path.Stderr();
    EXPECT_EQ(path.Stdout(), directory / "fakes/exit-with-reason/zlayer-buildd\n");
  }
  ExpectSource(directory / "fakes/exit-with-reason/zlayer-buildd", "preset exit-with-reason");
}

}  // namespace
}  // namespace zlayer::fakes
