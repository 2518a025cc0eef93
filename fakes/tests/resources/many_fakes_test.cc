// Many fakes at once: they share a journal and leave nothing behind, and none outlives its
// lifetime.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <set>

#include "fakes/tests/fixture/shared_place.h"
#include "fakes/tests/fixture/whole_lines.h"

namespace zlayer::fakes {
namespace {

using ::testing::IsEmpty;

std::set<std::string> FilesBelow(const std::string& directory) {
  std::set<std::string> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator(directory)) {
    files.insert(file.path());
  }
  return files;
}

TEST(ManyTest, TwoHundredAtOnceReachTheirLineAndLeaveNothing) {
  constexpr size_t kFakes = 200;
  SharedPlace place;
  std::vector<std::unique_ptr<Process>> fakes;
  for (size_t i = 0; i < kFakes; ++i) fakes.push_back(place.Start("lifetime_ms: 120000"));
  auto files = FilesBelow(place.directory.path());
  files.insert(place.directory / "journal");  // the first fake creates it, maybe later
  std::set<std::string> lines;
  for (const auto& fake : fakes) {
    const auto line = fake->ReadStdoutUntil("\n", 3 * kPatience);
    ASSERT_TRUE(line) << fake->Stderr();
    lines.insert(*line);
  }
  EXPECT_EQ(lines.size(), kFakes) << "two of them announced the same address";
  EXPECT_EQ(place.Processes().size(), kFakes);
  for (const auto& fake : fakes) fake->Kill(SIGTERM);
  for (const auto& fake : fakes) EXPECT_EQ(fake->Wait(3 * kPatience), Ended::WithCode(0));
  EXPECT_THAT(place.Processes(), IsEmpty());
  EXPECT_EQ(FilesBelow(place.directory.path()), files);
  std::set<pid_t> told;
  for (const v1::JournalEntry& entry : WholeLines(place.directory / "journal")) {
    if (entry.has_exiting()) told.insert(entry.pid());
  }
  EXPECT_EQ(told.size(), kFakes);
}

TEST(LifetimeTest, NoneOutlivesItWhateverItsPlan) {
  const std::string plans[] = {
      "fault { ignore_signals {} }",
      "fault { hang { phase: START } } fault { ignore_signals {} }",
      "fault { hang { phase: BOUND } }",
      "fault { hang { phase: LINE } }",
      "fault { handshake_bytes { text: \"x\" drip_ms: 50 repeat: 100000 } }",
      "fault { flood { phase: BOUND bytes: 1000000000 } }",
      "fault { grandchild { setsid: true ignore_signals: true } } fault { ignore_signals {} }",
      "fault { grandchild { ignore_signals: true } } fault { hang { phase: BOUND } }",
      "fault { never_accept {} }"};
  SharedPlace place;
  std::vector<std::unique_ptr<Process>> fakes;
  for (const std::string& plan : plans) {
    fakes.push_back(place.Start("lifetime_ms: 1500 " + plan, true));
  }
  EXPECT_EQ(place.Processes().empty(), false);
  for (size_t i = 0; i < fakes.size(); ++i) {
    // A child that is left would hold stdout open.
    EXPECT_TRUE(fakes[i]->StdoutEnds(3 * kPatience)) << plans[i];
    EXPECT_EQ(fakes[i]->Wait(3 * kPatience), Ended::WithCode(124)) << plans[i];
  }
  EXPECT_THAT(place.Processes(), IsEmpty());
}

}  // namespace
}  // namespace zlayer::fakes
