#include "scenarios/runner/catalog/needs.h"

#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::set<v1::Capability> NeedsOf(const std::string& text) {
  v1::Scenario scenario;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &scenario)) << text;
  return Needs(scenario);
}

TEST(NeedsTest, AStartAndAStopNeedNothing) {
  EXPECT_THAT(NeedsOf("step { ensure {} } step { drop {} } step { shutdown {} } "
                      "client { grace_ms: 300 } plan { fault { hang {} } }"),
              IsEmpty());
}

TEST(NeedsTest, StepsImplyThem) {
  EXPECT_THAT(NeedsOf("step { ensure { cancel_at: \"printed\" } }"), ElementsAre(v1::CANCEL));
  EXPECT_THAT(NeedsOf("step { parallel_ensure { threads: 2 } }"), ElementsAre(v1::PARALLEL));
  EXPECT_THAT(NeedsOf("step { health {} }"), ElementsAre(v1::HEALTH));
  EXPECT_THAT(NeedsOf("step { build {} }"), ElementsAre(v1::BUILD));
  EXPECT_THAT(NeedsOf("step { build { leave_open: true } }"), ElementsAre(v1::BUILD_LEFT_OPEN));
  EXPECT_THAT(NeedsOf("step { build { cancel: true } }"), ElementsAre(v1::CANCEL_BUILD));
  EXPECT_THAT(NeedsOf("step { await_lost {} }"), ElementsAre(v1::LIVENESS));
  EXPECT_THAT(NeedsOf("step { kill_host { at: \"printed\" } }"), ElementsAre(v1::HOST_KILL));
  EXPECT_THAT(NeedsOf("step { ensure {} expect { error: \"crash_loop\" } }"),
              ElementsAre(v1::RESPAWN_BACKOFF));
}

TEST(NeedsTest, TheWorldAndTheSettingsImplyThem) {
  EXPECT_THAT(NeedsOf("world { access: REMOTE }"), ElementsAre(v1::REMOTE));
  EXPECT_THAT(NeedsOf("client { addr: \"x:1\" }"), ElementsAre(v1::REMOTE));
  EXPECT_THAT(NeedsOf("world { tls: EMPTY }"), ElementsAre(v1::TLS_MATERIAL));
  EXPECT_THAT(NeedsOf("client { require_client_authentication: true }"),
              ElementsAre(v1::CLIENT_AUTHENTICATION));
  EXPECT_THAT(NeedsOf("client { tls_crl: \"x\" }"), ElementsAre(v1::REVOCATION));
}

TEST(NeedsTest, WhatTheScenarioNamesIsAdded) {
  EXPECT_THAT(NeedsOf("needs: REMOTE step { health {} }"), ElementsAre(v1::HEALTH, v1::REMOTE));
}

}  // namespace
}  // namespace zlayer::scenarios
