#include "scenarios/runner/catalog/check_scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/runner/catalog/catalog.h"

namespace zlayer::scenarios {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// The error of the scenario a/b with the content `text`; empty when it is accepted.
std::string Wrong(const std::string& text) {
  const auto entry = Catalog::Parse("a/b", "name: \"a/b\" why: \"x\"\n" + text);
  if (entry) return "";
  const std::string prefix = "a/b.txtpb: ";
  EXPECT_THAT(entry.error(), StartsWith(prefix));
  EXPECT_EQ(entry.error().find('\n'), std::string::npos) << entry.error();
  return entry.error().substr(prefix.size());
}

TEST(CheckScenarioTest, AcceptsWhatCanHappen) {
  EXPECT_EQ(Wrong("step { ensure {} } step { health {} } step { shutdown {} "
                  "expect { exit_code: 0 escalated: false } }"),
            "");
}

TEST(CheckScenarioTest, TheNameIsThePlace) {
  const auto entry = Catalog::Parse("a/b", "name: \"a/c\" why: \"x\" step { ensure {} }");
  ASSERT_FALSE(entry);
  EXPECT_EQ(entry.error(), "a/b.txtpb: name: \"a/c\" is not the file's place; write \"a/b\"");
}

TEST(CheckScenarioTest, AReasonWhyNoMutantCanFailItIsGiven) {
  EXPECT_EQ(Wrong("no_mutant: \"reason\" step { ensure {} }"), "");
  EXPECT_EQ(Wrong("no_mutant: \"\" step { ensure {} }"),
            "no_mutant: is empty; say why no mutant can fail this, or leave it out");
}

TEST(CheckScenarioTest, AnUnknownErrorNamesTheNearest) {
  EXPECT_EQ(Wrong("step { ensure {} expect { error: \"handshake_timout\" } }"),
            "step[0].expect.error: unknown error \"handshake_timout\"; did you mean "
            "\"handshake_timeout\"?");
}

TEST(CheckScenarioTest, AnUnknownEventNamesTheNearest) {
  EXPECT_EQ(Wrong("step { wait_event { event: \"rpc_startd\" } }"),
            "step[0].wait_event.event: unknown event \"rpc_startd\"; did you mean "
            "\"rpc_started\"?");
}

TEST(CheckScenarioTest, AnUnknownPresetNamesTheNearest) {
  EXPECT_EQ(Wrong("preset: \"honst\" step { ensure {} }"),
            "preset: unknown preset \"honst\"; did you mean \"honest\"?");
}

TEST(CheckScenarioTest, AnUnknownPlaceholderNamesTheNearest) {
  EXPECT_EQ(Wrong("step { ensure {} expect { error: \"storage\" message: \"{data_dri}\" } }"),
            "step[0].expect.message[0]: unknown placeholder \"{data_dri}\"; did you mean "
            "\"data_dir\"?");
  EXPECT_THAT(Wrong("client { tls_dir: \"{tsl_dir}\" } step { ensure {} }"),
              StartsWith("client.tls_dir: unknown placeholder \"{tsl_dir}\""));
}

TEST(CheckScenarioTest, CoversNamesARowThatExists) {
  EXPECT_EQ(Wrong("covers: \"trap#12\" step { ensure {} }"), "");
  EXPECT_EQ(
      Wrong("covers: \"trap#13\" step { ensure {} }"),
      "covers[0]: \"trap#13\" is not a row of scenarios/faults.txt; did you mean \"trap#1\"?");
  EXPECT_EQ(Wrong("covers: \"mtl#1\" step { ensure {} }"),
            "covers[0]: \"mtl#1\" is not a row of scenarios/faults.txt; did you mean \"mtls#1\"?");
}

TEST(CheckScenarioTest, StepsThatCannotHappen) {
  EXPECT_THAT(Wrong(""), StartsWith("step: there is none"));
  EXPECT_THAT(Wrong("step {}"), StartsWith("step[0].has no action"));
  EXPECT_EQ(Wrong("step { health {} }"),
            "step[0].health: cannot happen; no step before it got a sidecar");
  EXPECT_EQ(Wrong("step { ensure {} } step { drop {} } step { await_lost {} }"),
            "step[2].await_lost: cannot happen; no step before it got a sidecar");
  EXPECT_EQ(Wrong("step { ensure {} expect { error: \"storage\" } } step { build {} }"),
            "step[1].build: cannot happen; no step before it got a sidecar");
  EXPECT_THAT(Wrong("step { kill_sidecar { signal: 99 } }"),
              HasSubstr("99 is not a signal number"));
  EXPECT_THAT(Wrong("step { parallel_ensure { threads: 1 } }"), HasSubstr("at least 2"));
  EXPECT_THAT(Wrong("step { ensure { cancel_at: \"fault_fire\" } }"), HasSubstr("fault_fired"));
}

TEST(CheckScenarioTest, ExpectationsThatCannotHold) {
  const auto expect = [](const std::string& what) {
    return Wrong("step { ensure {} expect { " + what + " } }");
  };
  EXPECT_THAT(expect("message: \"x\""), StartsWith("step[0].expect.message: a success has none"));
  EXPECT_THAT(expect("stderr: \"x\""), StartsWith("step[0].expect.stderr: a success has none"));
  EXPECT_THAT(expect("exit_code: 0"), StartsWith("step[0].expect.exit_code and signal: only"));
  EXPECT_THAT(expect("error: \"storage\" exit_code: 0 signal: 9"), HasSubstr("one of them"));
  EXPECT_THAT(expect("min_ms: 300 max_ms: 300"), HasSubstr("max_ms: 300 is not above min_ms 300"));
  EXPECT_THAT(expect("since: \"printed\""),
              HasSubstr("since: has no effect without min_ms or max_ms"));
  EXPECT_THAT(expect("max_ms: 9 since: \"print\""), HasSubstr("did you mean \"printed\"?"));
  EXPECT_THAT(expect("max_ms: 9 since: \"cancel\""), HasSubstr("the step has no cancel_at"));
  EXPECT_THAT(expect("escalated: true"), HasSubstr("escalated: only shutdown tells"));
  EXPECT_THAT(expect("retryable: true"), HasSubstr("retryable: only an error tells"));
  EXPECT_THAT(expect("new_sidecar: true"), HasSubstr("new_sidecar: needs a successful ensure"));
  EXPECT_THAT(expect("log: \"x\""), HasSubstr("log: only a build that is not left open tells"));
  EXPECT_THAT(Wrong("step { drop {} expect { error: \"storage\" } }"),
              HasSubstr("error: drop has no failure"));
}

TEST(CheckScenarioTest, AFaultNeedsAFakeThatStarts) {
  EXPECT_EQ(Wrong("plan { fault { hang {} } } world { binary: NOWHERE } step { ensure {} }"),
            "plan.fault: no fault can fire; world starts no fake");
}

TEST(CheckScenarioTest, ARemoteWorldFindsNothingOnDisk) {
  EXPECT_THAT(Wrong("world { access: REMOTE binary: PATH } step { ensure {} }"),
              StartsWith("world.binary: nothing is discovered"));
  EXPECT_THAT(Wrong("world { access: REMOTE } client { addr: \"a:1\" } step { ensure {} }"),
              StartsWith("client.addr: world.access chooses the address"));
  EXPECT_THAT(Wrong("world { access: REMOTE tls: EMPTY } step { ensure {} }"),
              StartsWith("world.tls: a remote sidecar needs MINTED"));
}

TEST(CheckScenarioTest, StepsOfHostsNameWhatTheyLack) {
  EXPECT_EQ(Wrong("step { interrupt_host { at: \"printed\" } }"), "");
  EXPECT_THAT(Wrong("step { interrupt_host {} }"), HasSubstr("interrupt_host.at"));
  EXPECT_THAT(Wrong("step { interrupt_host { at: \"print\" } }"), HasSubstr("\"printed\""));
  EXPECT_THAT(Wrong("step { parallel_hosts { hosts: 1 } }"), HasSubstr("at least 2"));
  EXPECT_THAT(Wrong("step { inspect_siblings {} }"), HasSubstr("STARTS_SIBLINGS"));
  EXPECT_EQ(Wrong("world { host: STARTS_SIBLINGS } step { inspect_siblings {} }"), "");
}

}  // namespace
}  // namespace zlayer::scenarios
