#include "proto/message_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer {
namespace {

using fakes::v1::FaultPlan;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ParseMessageTest, ReadsTextAndJson) {
  const auto text = ParseMessage<FaultPlan>("p", "fault { exit { code: 3 } }");
  ASSERT_TRUE(text) << text.error();
  const auto json = ParseMessage<FaultPlan>("p", R"( {"fault": [{"exit": {"code": 3}}]} )");
  ASSERT_TRUE(json) << json.error();
  EXPECT_EQ(text->SerializeAsString(), json->SerializeAsString());
  EXPECT_EQ(text->fault(0).exit().code(), 3u);
}

TEST(ParseMessageTest, UnknownFieldNamesLineFieldAndNearestName) {
  const auto plan = ParseMessage<FaultPlan>("a.txtpb", "why: \"x\"\nfault { hangg {} }");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error(), "a.txtpb:2: unknown field \"hangg\" in Fault; did you mean \"hang\"?");
}

TEST(ParseMessageTest, UnknownEnumValueNamesTheNearest) {
  const auto plan =
      ParseMessage<FaultPlan>("a.txtpb", "fault { tls_certificate { defect: EXPIERD } }");
  ASSERT_FALSE(plan);
  EXPECT_THAT(plan.error(), StartsWith("a.txtpb:1:"));
  EXPECT_THAT(
      plan.error(),
      HasSubstr("unknown value \"EXPIERD\" for field \"defect\"; did you mean \"EXPIRED\"?"));
}

TEST(ParseMessageTest, UnknownJsonFieldNamesTheNearest) {
  const auto plan = ParseMessage<FaultPlan>("a.json", R"({"fault": [{"hangg": {}}]})");
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error(), "a.json: unknown field \"hangg\" in Fault; did you mean \"hang\"?");
}

TEST(ParseMessageTest, AWrongValueNamesItsField) {
  const std::pair<const char*, const char*> table[] = {
      {R"(fault { exit { code: "a: b" signal: 9 } })",
       R"(:1: field "code": expected integer, got: "a: b")"},
      {"why: 3", R"(:1: field "why": expected string, got: 3)"},
      {"why: \"x\"\nmemory_mib: 5000000000",
       R"(:2: field "memory_mib": 5000000000 is out of range)"},
      {"fault { exit { code: 7 stderr: 7 } }", R"(:1: field "stderr": expected string, got: 7)"},
      {"memory_mib: 12\nwhy: 1", R"(:2: field "why": expected string, got: 1)"},
      {"why: \"half-closed\"\nfault { exit { code: -1 } }",
       R"(:2: field "code": expected integer, got: -)"},
      {"\t\t\twhy: 3 memory_mib: 3", R"(:1: field "why": expected string, got: 3)"},
      {"why:", R"(:1: field "why": expected string, got: the end of the file)"},
      {"fault { hang {}", ":1: Expected identifier, got: the end of the file"},
      {"\x7f", ":1: Expected identifier, got: ?"},
      {R"({"fault": [{"exit": {"code": "a"}}]})",
       R"(: fault[0].exit.code: expected uint32, got: "a")"},
      {R"({"fault": [{"hang": {"phase": "LINEE"}}]})",
       R"(: fault[0].hang.phase: unknown value "LINEE"; did you mean "LINE"?)"},
      {R"({"fault": [{"hang": {}, "tls_off": {}}]})",
       ": fault[0]: oneof field 'kind' is already set. Cannot set 'tls_off'"},
      {R"({"fault": [{"hang 1": {}}]})",
       R"(: unknown field "hang 1" in Fault; did you mean "hang"?)"},
      {R"({"hang up": 1})", R"(: unknown field "hang up" in FaultPlan; valid: why, lifetime_ms, )"
                            "fault, build, seed, memory_mib, idle_tick_ms, drain_ms, "
                            "unacknowledged_ms, silent_ms, rootless, upstream"},
      {R"({"fualt": []})", R"(: unknown field "fualt" in FaultPlan; did you mean "fault"?)"}};
  for (const auto& [text, error] : table) {
    const auto plan = ParseMessage<FaultPlan>("p", text);
    ASSERT_FALSE(plan) << text;
    EXPECT_EQ(plan.error(), std::string("p") + error);
  }
}

TEST(ParseMessageTest, BrokenTextAndJsonAreOneLine) {
  for (const std::string text : {"fault {", "{\"fault\": [", "fault { exit { code: -1 } }",
                                 "{\"fault\": 7}", "fault { exit { code: \"x\" } }"}) {
    const auto plan = ParseMessage<FaultPlan>("broken", text);
    ASSERT_FALSE(plan) << text;
    EXPECT_THAT(plan.error(), StartsWith("broken:")) << text;
    EXPECT_EQ(plan.error().find('\n'), std::string::npos) << plan.error();
  }
}

TEST(ReadFileTest, MissingFileNamesPathAndReason) {
  const auto content = ReadFile("/nonexistent/plan.txtpb");
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error(), "/nonexistent/plan.txtpb: cannot be read: No such file or directory");
}

TEST(ReadFileTest, AFileWithoutAnEndIsRefused) {
  const auto content = ReadFile("/dev/zero", kLargestWritten);
  ASSERT_FALSE(content);
  EXPECT_EQ(content.error(), "/dev/zero: is larger than 16 MiB");
}

TEST(NearestNameTest, FarNamesAreNoSuggestion) {
  EXPECT_EQ(NearestName("hagn", {"hang", "exit"}), "hang");
  EXPECT_EQ(NearestName("zzzzzzzz", {"hang", "exit"}), "");
}

}  // namespace
}  // namespace zlayer
