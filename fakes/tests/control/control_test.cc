// Faults that are armed and disarmed while the fake runs, at each layer, as its clients see them.

#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <thread>

#include "fakes/tests/control/control_fixture.h"

namespace zlayer::fakes {
namespace {

using grpc::StatusCode;

TEST_F(ControlTest, AnRpcFaultComesAndGoesOnAConnectionThatIsOpen) {
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  EXPECT_EQ(Ask(R"({"arm":{"rpc":{"method":"Health","code":14,"message":"busy"}}})"),
            R"({"armed":{"kind":"rpc"}})");
  EXPECT_EQ(CallHealth(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallHealth(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(Ask(R"({"disarm":{"kind":"rpc"}})"),
            R"({"disarmed":{"fault":[{"kind":"rpc","times_fired":2}]}})");
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  const auto entries = service_.fake().Journal();
  EXPECT_EQ(std::count_if(entries.begin(), entries.end(),
                          [](const v1::JournalEntry& entry) { return entry.has_accepted(); }),
            1);
}

TEST_F(ControlTest, SwitchedAHundredTimesItIsStillExact) {
  for (int i = 0; i < 100; ++i) {
    Ask(R"({"arm":{"grpc_status":{"how":"VALUE","value":"9"}}})");
    EXPECT_EQ(CallHealth(), StatusCode::FAILED_PRECONDITION);
    Ask(R"({"disarm":{"all":true}})");
    EXPECT_EQ(CallHealth(), StatusCode::OK);
  }
}

TEST_F(ControlTest, AnRpcThatHasBegunGoesOnAsItBegan) {
  Ask(R"({"arm":{"rpc":{"method":"Health","delay_ms":300,"code":14}}})");
  StatusCode slow = StatusCode::UNKNOWN;
  std::thread caller([&] { slow = CallHealth(); });
  EXPECT_TRUE(service_.fake().WaitForEntry(
      [](const v1::JournalEntry& entry) { return entry.has_rpc_started(); }));
  Ask(R"({"disarm":{"kind":"rpc"}})");
  caller.join();
  EXPECT_EQ(slow, StatusCode::UNAVAILABLE);
  EXPECT_EQ(CallHealth(), StatusCode::OK);
}

TEST_F(ControlTest, AConnectionFaultMeetsTheNextConnection) {
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  Ask(R"({"arm":{"down":{}}})");
  EXPECT_FALSE(Connects());
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  Ask(R"({"disarm":{"kind":"down"}})");
  EXPECT_TRUE(Connects());
}

TEST_F(ControlTest, TlsFaultsComeAndGo) {
  EXPECT_TRUE(Connects());
  Ask(R"({"arm":{"tls_certificate":{"defect":"EXPIRED"}}})");
  EXPECT_FALSE(Connects());
  EXPECT_TRUE(service_.fake().HasFired("tls_certificate"));
  Ask(R"({"disarm":{"kind":"tls_certificate"}})");
  EXPECT_TRUE(Connects());
}

TEST_F(ControlTest, ABrokenHandshakeComesAndGoes) {
  Ask(R"({"arm":{"tls_handshake":{"at":"FINISHED","how":"GARBAGE"}}})");
  EXPECT_FALSE(Connects());
  Ask(R"({"disarm":{"kind":"tls_handshake"}})");
  EXPECT_TRUE(Connects());
}

TEST_F(ControlTest, AListenerThatAcceptsNothingAcceptsAgain) {
  Ask(R"({"arm":{"never_accept":{}}})");
  Process waits({.program = "openssl", .arguments = ClientArguments(service_.fake(), port_)});
  EXPECT_TRUE(service_.fake().WaitForFault("never_accept"));
  EXPECT_TRUE(waits.LivesFor(std::chrono::milliseconds(50)));
  Ask(R"({"disarm":{"kind":"never_accept"}})");
  EXPECT_EQ(waits.Wait(), Ended::WithCode(0));
}

TEST_F(ControlTest, AClosedListenerListensAgain) {
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  Ask(R"({"arm":{"close_listener":{}}})");
  EXPECT_TRUE(service_.fake().WaitForFault("close_listener"));
  EXPECT_FALSE(Connects());
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  Ask(R"({"disarm":{"kind":"close_listener"}})");
  const auto deadline = Clock::now() + kPatience;
  while (!Connects()) ASSERT_LT(Clock::now(), deadline);
}

TEST_F(ControlTest, AFaultMayComeAfterOneThatIsArmedLater) {
  Ask(R"({"arm":{"when":{"after_fault":"rpc"},"tls_certificate":{"defect":"EXPIRED"}}})");
  EXPECT_TRUE(Connects());
  Ask(R"({"arm":{"when":{"times":1},"rpc":{"code":14}}})");
  EXPECT_EQ(CallHealth(), StatusCode::UNAVAILABLE);
  EXPECT_FALSE(Connects());
}

TEST_F(ControlTest, AFaultCountsTheRpcsSinceItWasArmed) {
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  Ask(R"({"arm":{"when":{"after_rpcs":2},"rpc":{"code":14}}})");
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  EXPECT_EQ(CallHealth(), StatusCode::OK);
  EXPECT_EQ(CallHealth(), StatusCode::UNAVAILABLE);
}

TEST_F(ControlTest, ASignalIsIgnoredAsLongAsTheFaultIsArmed) {
  Ask(R"({"arm":{"ignore_signals":{}}})");
  service_.fake().process().Kill(SIGTERM);
  EXPECT_TRUE(service_.fake().WaitForFault("ignore_signals"));
  Ask(R"({"disarm":{"kind":"ignore_signals"}})");
  service_.fake().process().Kill(SIGTERM);
  EXPECT_EQ(service_.fake().process().Wait(), Ended::WithCode(0));
}

TEST_F(ControlTest, WhatRunsInTheBackgroundEndsWithItsFault) {
  Ask(R"({"arm":{"flood":{"phase":"SERVING","bytes":"1000000000"}}})");
  EXPECT_TRUE(service_.fake().process().DrainStderr(100'000));
  Ask(R"({"disarm":{"kind":"flood"}})");
  EXPECT_EQ(CallHealth(), StatusCode::OK);
}

TEST_F(ControlTest, HealthIsAsBeforeWhenItsFaultIsDisarmed) {
  EXPECT_TRUE(Serves());
  Ask(R"({"arm":{"health":{"how":"NOT_SERVING"}}})");
  EXPECT_FALSE(Serves());
  EXPECT_TRUE(service_.fake().HasFired("health"));
  Ask(R"({"disarm":{"kind":"health"}})");
  EXPECT_TRUE(Serves());
}

}  // namespace
}  // namespace zlayer::fakes
