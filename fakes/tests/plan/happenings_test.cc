// `when` with what must have happened before: another fault, a signal; and for how long a fault
// goes on. RPCs are in grpc/rpc_occasions_test.cc.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/network/raw_socket.h"
#include "fakes/tests/tls/openssl_client.h"

namespace zlayer::fakes {
namespace {

using std::chrono::milliseconds;

/// Times of the journal's entries that are `wanted`, in nanoseconds.
std::vector<std::int64_t> TimesOf(const Fake& fake,
                                  const std::function<bool(const v1::JournalEntry&)>& wanted) {
  std::vector<std::int64_t> times;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (wanted(entry)) times.push_back(entry.monotonic_ns());
  }
  return times;
}

std::vector<std::int64_t> FiringsOf(const Fake& fake, const std::string& kind) {
  return TimesOf(fake, [&](const v1::JournalEntry& entry) {
    return entry.has_fault_fired() && entry.fault_fired().kind() == kind;
  });
}

TEST(AfterFaultTest, AWorkAtServingWaitsForIt) {
  Fake fake(
      {.plan = "fault { when { times: 1 } reset_after {} }"
               "fault { when { after_fault: \"reset_after\" } exit { phase: SERVING code: 7 } }"});
  const std::string port = fake.ReadPort();
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(50)));
  Dial(port);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
}

TEST(AfterFaultTest, EarlierOccasionsPass) {
  Fake fake({.plan = "fault { when { skip: 1 times: 1 } tls_opening { how: CLOSE } }"
                     "fault { when { after_fault: \"tls_opening\" }"
                     "        tls_refuse_client { reason: EXPIRED } }"});
  const std::string port = fake.ReadPort();
  std::vector<std::string> reasons;
  for (std::uint32_t connection = 1; connection <= 3; ++connection) {
    RunOpenssl(ClientArguments(fake, port));
    reasons.push_back(Verdict(fake, connection).reason());
  }
  EXPECT_THAT(reasons, ::testing::ElementsAre("", "ended by the plan before TLS",
                                              ::testing::HasSubstr("expired")));
}

TEST(AfterSignalTest, TheSignalThatIsIgnoredCounts) {
  Fake fake({.plan = "fault { ignore_signals {} }"
                     "fault { when { after_signal: 15 } exit { phase: SERVING code: 7 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGINT);
  ASSERT_TRUE(fake.WaitForFault("ignore_signals"));
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(50)));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
}

TEST(AfterSignalTest, MillisecondsCountFromIt) {
  Fake fake({.plan = "fault { ignore_signals {} }"
                     "fault { when { after_signal: 15 after_ms: 150 }"
                     "        exit { phase: SERVING code: 7 } }"});
  ASSERT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(milliseconds(200)));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
  const auto signals =
      TimesOf(fake, [](const v1::JournalEntry& entry) { return entry.has_signal(); });
  ASSERT_EQ(signals.size(), 1u);
  EXPECT_GE(FiringsOf(fake, "exit").at(0) - signals[0], 150'000'000);
}

TEST(AfterMsTest, AWorkAtServingWaitsForIt) {
  Fake fake({.plan = "fault { when { after_ms: 100 } exit { phase: SERVING code: 7 } }"});
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(7));
}

TEST(ForMsTest, TheFaultEndsAndTheFakeIsHonestAgain) {
  Fake fake({.plan = "fault { when { for_ms: 200 } down {} }"});
  const std::string port = fake.ReadPort();
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (RunOpenssl(ClientArguments(fake, port)).ended != Ended::WithCode(0)) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  const auto firings = FiringsOf(fake, "down");
  ASSERT_FALSE(firings.empty());
  const auto accepted =
      TimesOf(fake, [](const v1::JournalEntry& entry) { return entry.has_accepted(); });
  EXPECT_EQ(accepted.size(), firings.size() + 1);
  // The first firing is journaled a little later than it was decided.
  EXPECT_GE(accepted.back() - accepted.front(), 200'000'000);
}

}  // namespace
}  // namespace zlayer::fakes
