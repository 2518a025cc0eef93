// The journal of a fake that is killed by SIGKILL is complete up to that point and has whole lines
// only.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/fixture/whole_lines.h"

namespace zlayer::fakes {
namespace {

bool Has(const std::vector<v1::JournalEntry>& entries, v1::JournalEntry::EventCase event) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const v1::JournalEntry& entry) { return entry.event_case() == event; });
}

TEST(SigkillTest, WhatAPeerSawIsInTheJournal) {
  for (int i = 0; i < 20; ++i) {
    Fake fake;
    ASSERT_NE(fake.ReadPort(), "");
    fake.process().Kill(SIGKILL);
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
    const auto entries = WholeLines(fake.directory() / "journal");
    EXPECT_TRUE(Has(entries, v1::JournalEntry::kListening));
    EXPECT_TRUE(Has(entries, v1::JournalEntry::kPrinted));
  }
}

TEST(SigkillTest, TheJournalIsWholeLinesWheneverItCame) {
  for (size_t events = 1; events <= 6; ++events) {
    Fake fake({.plan = "fault { grandchild {} } fault { ignore_signals {} }"});
    ASSERT_TRUE(fake.WaitForEntry(
        [&](const v1::JournalEntry&) { return fake.Journal().size() >= events; }));
    fake.process().Kill(SIGKILL);
    EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
    EXPECT_GE(WholeLines(fake.directory() / "journal").size(), events);
  }
}

TEST(SigkillTest, ByItsOwnPlanIsJournaledBefore) {
  Fake fake({.plan = "fault { exit { phase: BOUND signal: 9 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::BySignal(SIGKILL));
  const auto entries = WholeLines(fake.directory() / "journal");
  ASSERT_GE(entries.size(), 2u);
  EXPECT_EQ(entries.end()[-2].fault_fired().kind(), "exit");
  EXPECT_EQ(entries.back().exiting().signal(), SIGKILL);
}

}  // namespace
}  // namespace zlayer::fakes
