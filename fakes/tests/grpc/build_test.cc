// What the honest fake says in a Build, seen by a gRPC C++ client.

#include <gmock/gmock.h>

#include "fakes/tests/grpc/open_build.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using Events = std::vector<BuildEvent>;

std::vector<std::string> Lines(const Events& events, bool is_stderr) {
  std::vector<std::string> lines;
  for (const BuildEvent& event : events) {
    if (event.has_log() && event.log().is_stderr() == is_stderr)
      lines.push_back(event.log().line());
  }
  return lines;
}

TEST(BuildTest, StreamsLogLinesAndOneEndOnly) {
  Service service;
  const Events events = service.Build(RequestOf("a"));
  ASSERT_GT(events.size(), 2u);
  for (size_t i = 0; i + 1 < events.size(); ++i) {
    EXPECT_TRUE(events[i].has_log()) << events[i].ShortDebugString();
  }
  ASSERT_TRUE(events.back().has_finished());
}

TEST(BuildTest, AnIdIsBareAndTheManifestRefAlwaysSet) {
  Service service;
  const auto untagged = service.Build(RequestOf("a")).back().finished();
  EXPECT_THAT(untagged.image_id(), MatchesRegex("[0-9a-f]{64}"));
  EXPECT_THAT(untagged.manifest_ref(), MatchesRegex("docker.io/library/" + untagged.image_id() +
                                                    "-tmp:latest@sha256:[0-9a-f]{64}"));
  BuildRequest request = RequestOf("b");
  request.add_tags("t:1");
  const auto tagged = service.Build(request).back().finished();
  EXPECT_THAT(tagged.manifest_ref(), MatchesRegex("localhost/t:1@sha256:[0-9a-f]{64}"));
}

TEST(BuildTest, LogsOnTheStreamsOfABuildahBuild) {
  Service service;
  BuildRequest request = RequestOf("a");
  request.add_tags("t:1");
  request.add_tags("registry.example/team/app");
  const Events events = service.Build(request);
  const std::string id = events.back().finished().image_id();
  EXPECT_THAT(Lines(events, true),
              ElementsAre("STEP 1/2: FROM scratch", "STEP 2/2: COPY . /", "COMMIT t:1",
                          "Getting image source signatures",
                          MatchesRegex("Copying blob sha256:[0-9a-f]{64}"),
                          "Copying config sha256:" + id, "Writing manifest to image destination"));
  EXPECT_THAT(Lines(events, false),
              ElementsAre("--> " + id.substr(0, 12), "Successfully tagged localhost/t:1",
                          "Successfully tagged registry.example/team/app:latest", id));
  EXPECT_EQ(events[events.size() - 2].log().line(), id);
}

TEST(BuildTest, WithLayersASecondBuildUsesTheCache) {
  Service service;
  BuildRequest request = RequestOf("a");
  request.set_layers(true);
  const Events first = service.Build(request);
  EXPECT_THAT(Lines(first, false), Not(Contains(HasSubstr("Using cache"))));
  request.set_request_id("b");
  const Events second = service.Build(request);
  const std::string id = second.back().finished().image_id();
  EXPECT_EQ(first.back().finished().image_id(), id);
  EXPECT_THAT(Lines(second, false), Contains("--> Using cache " + id));
  request.set_no_cache(true);
  EXPECT_THAT(Lines(service.Build(request), false), Not(Contains(HasSubstr("Using cache"))));
}

TEST(BuildTest, PlaysThePlansSteps) {
  Service service({.plan = R"(build { event { stage_started { name: "zero" } } }
                              build { delay_ms: 50 event { warning { message: "two" } } }
                              build { event { error { kind: "exec" message: "three" } } })"});
  const Events events = service.Build(RequestOf("a"));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].stage_started().name(), "zero");
  EXPECT_EQ(events[1].warning().message(), "two");
  EXPECT_EQ(events[2].error().message(), "three");
}

TEST(BuildTest, ACommitIsTheRestOfAGoodBuild) {
  Service service({.plan = "build { event { log { line: \"one\" } } } build { commit: true }"});
  const Events events = service.Build(RequestOf("a"));
  ASSERT_GT(events.size(), 3u);
  EXPECT_EQ(events[0].log().line(), "one");
  EXPECT_EQ(events[1].log().line(), "COMMIT");
  EXPECT_THAT(events.back().finished().image_id(), MatchesRegex("[0-9a-f]{64}"));
}

TEST(BuildTest, AnUnfinishedLineComesBehindTheEnd) {
  Service service({.plan = R"(
      build { event { log { line: "no newline" is_stderr: true } } unfinished: true }
      build { event { log { line: "other stream" } } }
      build { event { error { kind: "exec" message: "exit status 1" } } })"});
  const Events events = service.Build(RequestOf("a"));
  ASSERT_EQ(events.size(), 3u);
  EXPECT_EQ(events[0].log().line(), "other stream");
  EXPECT_TRUE(events[1].has_error());
  EXPECT_EQ(events[2].log().line(), "no newline");
  EXPECT_TRUE(events[2].log().is_stderr());
}

TEST(BuildTest, TheNextLineOfItsStreamFinishesALine) {
  Service service({.plan = R"(build { event { log { line: "50 %" } } unfinished: true }
                              build { event { log { line: ", 100 %" } } repeat: 2 }
                              build { event { error { kind: "exec" } } })"});
  EXPECT_THAT(Lines(service.Build(RequestOf("a")), false), ElementsAre("50 %, 100 %", ", 100 %"));
}

}  // namespace
}  // namespace zlayer::fakes
