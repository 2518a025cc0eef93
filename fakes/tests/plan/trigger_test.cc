// `when`: on which launches and occasions a fault happens. On all others the fake must be honest.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Ended kAsPlanned = Ended::WithCode(7);
const Ended kHonest = Ended::WithCode(0);

/// Starts a fake whose fault is an exit with status 7. If the fault does not happen, stops the fake
/// by SIGTERM. Returns how the fake ended.
Ended Launch(const std::string& when, const std::map<std::string, std::string>& environment = {}) {
  Fake fake(
      {.plan = "fault { when { " + when + " } exit { code: 7 } }", .environment = environment});
  if (fake.ReadPort().empty()) {
    const auto ended = fake.process().Wait();
    EXPECT_TRUE(fake.HasFired("exit"));
    return ended.value_or(Ended{});
  }
  EXPECT_FALSE(fake.HasFired("exit"));
  fake.process().Kill(SIGTERM);
  return fake.process().Wait().value_or(Ended{});
}

TEST(LaunchesTest, FailTheFirstTwoThenBehave) {
  TemporaryDirectory state;
  std::vector<Ended> ends;
  for (int i = 0; i < 4; ++i) {
    ends.push_back(Launch("launches: 2", {{"ZLAYER_FAKE_STATE", state / "."}}));
  }
  EXPECT_THAT(ends, ElementsAre(kAsPlanned, kAsPlanned, kHonest, kHonest));
}

TEST(LaunchesTest, FromTheThirdOn) {
  TemporaryDirectory state;
  std::vector<Ended> ends;
  for (int i = 0; i < 4; ++i) {
    ends.push_back(Launch("from_launch: 3", {{"ZLAYER_FAKE_STATE", state / "."}}));
  }
  EXPECT_THAT(ends, ElementsAre(kHonest, kHonest, kAsPlanned, kAsPlanned));
}

TEST(LaunchesTest, AtTheSameTimeEachHasANumberOfItsOwn) {
  constexpr int kFakes = 8;
  TemporaryDirectory state;
  std::vector<std::uint32_t> numbers(kFakes);
  std::vector<std::thread> threads;
  for (std::uint32_t& number : numbers) {
    threads.emplace_back([&] {
      Fake fake({.environment = {{"ZLAYER_FAKE_STATE", state / "."}}});
      EXPECT_NE(fake.ReadPort(), "");
      for (const auto& entry : fake.Journal()) {
        if (entry.has_plan()) number = entry.plan().launch();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(numbers.begin(), numbers.end());
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(LaunchesTest, WithoutADirectoryTheyCannotBeCounted) {
  Fake fake({.plan = "fault { when { from_launch: 2 } hang {} }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
  EXPECT_THAT(fake.process().Stderr(), HasSubstr("fault[0].when: launches are not counted; set "
                                                 "ZLAYER_FAKE_STATE to a directory for the count"));
}

TEST(LaunchesTest, TheDirectoryIsMadeWhenItIsMissing) {
  TemporaryDirectory place;
  const std::map<std::string, std::string> environment = {
      {"ZLAYER_FAKE_STATE", place / "new/state"}};
  EXPECT_EQ(Launch("launches: 1", environment), kAsPlanned);
  EXPECT_EQ(Launch("launches: 1", environment), kHonest);
}

TEST(LaunchesTest, ADirectoryThatIsNoneIsBadInput) {
  TemporaryDirectory state;
  std::ofstream(state / "launches") << "many";
  for (const std::string& directory : {state / "launches/below", state / "."}) {
    Fake fake({.environment = {{"ZLAYER_FAKE_STATE", directory}}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
    EXPECT_THAT(fake.process().Stderr(), HasSubstr("ZLAYER_FAKE_STATE: " + directory));
  }
}

/// Makes `count` connections; an element is true if that connection got the expired certificate.
std::vector<bool> Refusals(Fake& fake, int count) {
  std::vector<bool> refusals;
  const std::string port = fake.ReadPort();
  for (int i = 0; i < count; ++i) {
    Process client({.program = "openssl", .arguments = ClientArguments(fake, port)});
    refusals.push_back(client.Wait() != Ended::WithCode(0));
  }
  return refusals;
}

Fake ExpiredWhen(const std::string& when, const std::string& seed = "1") {
  return Fake({.plan = "seed: " + seed + " fault { when { " + when +
                       " } tls_certificate { defect: EXPIRED } }"});
}

TEST(OccasionsTest, SkipAndTimesChooseConnections) {
  Fake fake = ExpiredWhen("skip: 1 times: 2");
  EXPECT_THAT(Refusals(fake, 5), ElementsAre(false, true, true, false, false));
}

TEST(OccasionsTest, ChanceIsTheSeeds) {
  constexpr int kConnections = 12;
  Fake first = ExpiredWhen("probability: 0.5");
  Fake again = ExpiredWhen("probability: 0.5");
  Fake other = ExpiredWhen("probability: 0.5", "2");
  const std::vector<bool> refusals = Refusals(first, kConnections);
  EXPECT_EQ(Refusals(again, kConnections), refusals);
  EXPECT_NE(Refusals(other, kConnections), refusals);
  EXPECT_THAT(refusals, ::testing::Contains(true));
  EXPECT_THAT(refusals, ::testing::Contains(false));
}

TEST(OccasionsTest, TheJournalHasASeedWhereThePlanHasNone) {
  Fake fake;
  EXPECT_TRUE(fake.WaitForEntry(
      [](const v1::JournalEntry& entry) { return entry.plan().plan().seed() != 0; }));
}

TEST(OccasionsTest, AfterAWhile) {
  Fake early({.plan = "fault { delay { ms: 1 } }"
                      "fault { when { after_ms: 50000 } hang { phase: LINE } }"});
  Process client({.program = "openssl", .arguments = ClientArguments(early, early.ReadPort())});
  EXPECT_EQ(client.Wait(), Ended::WithCode(0));
  EXPECT_FALSE(early.HasFired("hang"));
  Fake late({.plan = "fault { handshake_bytes { text: \"LISTENING {host}:{port}\\n\" drip_ms: 2 } }"
                     "fault { when { after_ms: 1 } exit { phase: LINE code: 7 } }"});
  EXPECT_EQ(late.process().Wait(), kAsPlanned);
}

TEST(OccasionsTest, ASignalIsOne) {
  Fake fake({.plan = "fault { when { times: 2 } ignore_signals {} }"});
  fake.ReadPort();
  for (int i = 0; i < 2; ++i) {
    const auto seen = [&, signals = i + 1](auto) {
      const auto entries = fake.Journal();
      return std::count_if(entries.begin(), entries.end(), [](const v1::JournalEntry& entry) {
               return entry.has_fault_fired();
             }) == signals;
    };
    fake.process().Kill(SIGTERM);
    ASSERT_TRUE(fake.WaitForEntry(seen));
  }
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), kHonest);
}

TEST(BadTriggerTest, ProbabilityIsAFraction) {
  for (const char* probability : {"1.5", "-0.1", "nan"}) {
    Fake fake({.plan = std::string("fault { when { probability: ") + probability + " } hang {} }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
    EXPECT_THAT(fake.process().Stderr(),
                HasSubstr("fault[0].when.probability: must be above 0 and at most 1"));
  }
}

}  // namespace
}  // namespace zlayer::fakes
