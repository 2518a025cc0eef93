#include "scenarios/runner/catalog/timeout_scale.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

namespace zlayer::scenarios {
namespace {

v1::Scenario Parse(const std::string& text) {
  v1::Scenario scenario;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &scenario)) << text;
  return scenario;
}

TEST(TimeoutScaleTest, LimitsGrowAndNothingElseDoes) {
  const v1::Scenario scaled =
      Scaled(Parse("plan { fault { exit { delay_ms: 150 } } } "
                   "client { handshake_timeout_ms: 300 connect_timeout_ms: 200 rpc_timeout_ms: 100 "
                   "grace_ms: 50 idle_secs: 1 } "
                   "step { ensure {} expect { min_ms: 300 max_ms: 401 } } step { shutdown {} }"),
             2.5);
  EXPECT_EQ(scaled.DebugString(),
            Parse("plan { fault { exit { delay_ms: 150 } } } "
                  "client { handshake_timeout_ms: 750 connect_timeout_ms: 500 rpc_timeout_ms: 250 "
                  "grace_ms: 125 idle_secs: 1 } "
                  "step { ensure {} expect { min_ms: 300 max_ms: 1003 } } step { shutdown {} }")
                .DebugString());
}

TEST(TimeoutScaleTest, WhatIsNotSetStaysTheClientsDefault) {
  EXPECT_EQ(Scaled(Parse("step { ensure {} }"), 4).DebugString(),
            Scaled(Parse("client {} step { ensure {} }"), 1).DebugString());
}

TEST(TimeoutScaleTest, ALimitThatMakesNoSenseStaysAsItIs) {
  EXPECT_EQ(Scaled(Parse("client { grace_ms: -3 }"), 4).client().grace_ms(), -3);
}

}  // namespace
}  // namespace zlayer::scenarios
