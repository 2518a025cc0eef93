// The lifetime, from the variable or the plan, and the journal that is a FIFO or has no variable.

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "fakes/fixture/unique_fd.h"
#include "fakes/tests/fixture/fake.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

constexpr char kFor300Ms[] = "lifetime_ms: 300";
const Ended kLifetimeOver = Ended::WithCode(124);

TEST(LifetimeTest, TheVariableIsAboveThePlan) {
  Fake fake({.plan = "lifetime_ms: 600000", .environment = {{"ZLAYER_FAKE_LIFETIME_MS", "300"}}});
  EXPECT_NE(fake.ReadPort(), "");
  EXPECT_EQ(fake.process().Wait(), kLifetimeOver);
}

TEST(LifetimeTest, ZeroMeansUntilKilled) {
  Fake fake({.plan = "lifetime_ms: 100", .environment = {{"ZLAYER_FAKE_LIFETIME_MS", "0"}}});
  EXPECT_NE(fake.ReadPort(), "");
  EXPECT_TRUE(fake.process().LivesFor(std::chrono::milliseconds(300)));
  fake.process().Kill(SIGTERM);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(LifetimeTest, ALongerOneMakesLaterFaultsPossible) {
  Fake fake({.plan = "fault { when { after_ms: 100000 } exit { phase: SERVING } }",
             .environment = {{"ZLAYER_FAKE_LIFETIME_MS", "0"}}});
  EXPECT_NE(fake.ReadPort(), "");
}

TEST(LifetimeTest, AStoppedFakeWithoutALifetimeGoesOnWhenItIsTold) {
  Fake fake({.plan = "fault { when { times: 1 } stop_self {} }",
             .environment = {{"ZLAYER_FAKE_LIFETIME_MS", "0"}}});
  EXPECT_NE(fake.ReadPort(), "");
  fake.process().Kill(SIGTERM);
  EXPECT_TRUE(fake.WaitForFault("stop_self"));
  EXPECT_TRUE(fake.process().LivesFor(std::chrono::milliseconds(100)));
  fake.process().Kill(SIGCONT);
  EXPECT_EQ(fake.process().Wait(), Ended::WithCode(0));
}

TEST(LifetimeTest, AnythingElseThanANumberIsBadInput) {
  for (const char* value : {"", "1s", "-1", "4294967296"}) {
    Fake fake({.environment = {{"ZLAYER_FAKE_LIFETIME_MS", value}}});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2));
    EXPECT_EQ(fake.process().Stderr(), std::string("fake-zlayer-buildd: ZLAYER_FAKE_LIFETIME_MS=") +
                                           value + ": must be 0 to 4294967295; 0: until killed\n");
  }
}

class FifoTest : public ::testing::Test {
 protected:
  FifoTest() { EXPECT_EQ(mkfifo(fifo().c_str(), 0600), 0); }

  std::string fifo() const { return place_ / "fifo"; }

 private:
  TemporaryDirectory place_;
};

TEST_F(FifoTest, ThatNobodyReadsAsAJournalOutlivesNoLifetime) {
  Fake fake({.plan = kFor300Ms, .environment = {{"ZLAYER_FAKE_JOURNAL", fifo()}}});
  EXPECT_EQ(fake.process().Wait(), kLifetimeOver);
}

TEST_F(FifoTest, ThatIsFullAsAJournalOutlivesNoLifetime) {
  const fixture::UniqueFd reader(open(fifo().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const fixture::UniqueFd writer(open(fifo().c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string some(4096, 'x');
  while (write(writer.get(), some.data(), some.size()) > 0) {
  }
  Fake fake({.plan = kFor300Ms, .environment = {{"ZLAYER_FAKE_JOURNAL", fifo()}}});
  EXPECT_EQ(fake.process().Wait(), kLifetimeOver);
}

TEST_F(FifoTest, ThatNobodyWritesAsAPlanOutlivesNoLifetime) {
  Fake fake({.environment = {{"ZLAYER_FAKE_PLAN", fifo()}, {"ZLAYER_FAKE_LIFETIME_MS", "300"}}});
  EXPECT_EQ(fake.process().Wait(), kLifetimeOver);
}

/// A program in a folder of its own, for clients that can set no variable.
class BesideTest : public ::testing::Test {
 protected:
  BesideTest() { std::filesystem::create_symlink(FakePath(), program()); }

  std::string program() const { return place_ / "zlayer-buildd"; }
  std::string journal() const { return place_ / "zlayer-buildd.journal"; }
  std::string Text() const {
    std::stringstream text;
    text << std::ifstream(journal()).rdbuf();
    return text.str();
  }
  /// Starts the program without any variable of the fake, and waits for its end.
  void Start() const {
    Process fake({.program = program(), .arguments = {"--tls-ca", "x"}});
    EXPECT_EQ(fake.Wait(), Ended::WithCode(2));
  }

 private:
  TemporaryDirectory place_;
};

TEST_F(BesideTest, TheJournalIsUsedWhenItIsThere) {
  std::ofstream(journal()) << "{\"pid\":1}\n";
  Start();
  EXPECT_THAT(Text(), testing::StartsWith("{\"pid\":1}\n{\"monotonic_ns\":"));
  EXPECT_THAT(Text(), HasSubstr("\"started\":"));
}

TEST_F(BesideTest, NoJournalIsMadeWhenItIsNot) {
  Start();
  EXPECT_FALSE(std::filesystem::exists(journal()));
}

}  // namespace
}  // namespace zlayer::fakes
