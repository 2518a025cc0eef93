// The other requests of the control socket: replace, release, show, follow, quit; and their
// journal.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "fakes/tests/control/control_fixture.h"

namespace zlayer::fakes {
namespace {

using grpc::StatusCode;
using ::testing::HasSubstr;

TEST_F(ControlTest, AnotherPlanTakesThePlaceOfTheFirst) {
  Ask(R"({"arm":{"rpc":{"code":14}}})");
  EXPECT_EQ(Ask(R"({"replace":{"fault":[{"rpc":{"code":9}},{"latency":{"latency_ms":1}}],)"
                R"("build":[{"event":{"error":{"kind":"exec","message":"no"}}}]}})"),
            R"({"replaced":{"fault":[{"index":1,"kind":"rpc"},{"index":2,"kind":"latency"}]}})");
  EXPECT_EQ(CallHealth(), StatusCode::FAILED_PRECONDITION);
  Ask(R"({"disarm":{"kind":"rpc"}})");
  const auto events = service_.Build(RequestOf("a"));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].error().kind(), "exec");
}

TEST_F(ControlTest, AHeldBuildIsReleased) {
  Ask(R"({"replace":{"build":[{"hold":true},{"event":{"log":{"line":"go on"}}}]}})");
  std::vector<buildah_sidecar::v1::BuildEvent> events;
  std::thread builder([&] { events = service_.Build(RequestOf("held")); });
  EXPECT_TRUE(service_.fake().WaitForEntry(
      [](const v1::JournalEntry& entry) { return entry.has_rpc_started(); }));
  std::string released;
  while ((released = Ask(R"({"release":{"request_id":"held"}})")) == R"({"released":{}})") {
  }
  EXPECT_EQ(released, R"({"released":{"builds":1}})");
  builder.join();
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].log().line(), "go on");
}

TEST_F(ControlTest, ShowTellsWhatIsArmedAndHowOftenItFired) {
  Ask(R"({"replace":{"why":"slow","seed":"7"}})");
  Ask(R"({"arm":{"rpc":{"code":14}}})");
  CallHealth();
  EXPECT_EQ(Ask(R"({"show":{}})"),
            R"({"shown":{"plan":{"why":"slow","fault":[{"rpc":{"code":14}}],"seed":"7"},)"
            R"("fault":[{"kind":"rpc","times_fired":1}]}})");
}

TEST_F(ControlTest, TheJournalIsFollowed) {
  EXPECT_EQ(Ask(R"({"follow":{}})"), R"({"following":{}})");
  CallHealth();
  std::string line;
  while (!(line = control_.NextLine()).empty() && line.find("rpc_ended") == line.npos) {
  }
  EXPECT_THAT(line, HasSubstr("BuildService/Health"));
}

TEST_F(ControlTest, QuitEndsAFakeThatIgnoresSignals) {
  Ask(R"({"arm":{"ignore_signals":{}}})");
  EXPECT_EQ(Ask(R"({"quit":{"code":7}})"), R"({"quitting":{"code":7}})");
  EXPECT_EQ(service_.fake().process().Wait(), Ended::WithCode(7));
}

TEST_F(ControlTest, EachRequestIsInTheJournal) {
  Ask(R"({"arm":{"down":{}}})");
  Ask(R"({"arm":{"dwon":{}}})");
  Ask(R"({"disarm":{"all":true}})");
  std::vector<std::string> seen;
  for (const auto& entry : service_.fake().Journal()) {
    if (entry.has_fault_armed()) seen.push_back("armed");
    if (entry.has_fault_disarmed()) seen.push_back("disarmed");
    if (!entry.has_control()) continue;
    seen.push_back(entry.control().request());
    if (!entry.control().error().empty()) seen.push_back("refused");
  }
  EXPECT_THAT(seen,
              ::testing::ElementsAre("armed", R"({"arm":{"down":{}}})", R"({"arm":{"dwon":{}}})",
                                     "refused", "disarmed", R"({"disarm":{"all":true}})"));
}

}  // namespace
}  // namespace zlayer::fakes
