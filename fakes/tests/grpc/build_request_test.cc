// Which requests of a Build the honest fake refuses, and how, seen by a gRPC C++ client.

#include <gmock/gmock.h>

#include <fstream>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildRequest;
using ::testing::HasSubstr;

/// The kind of the error that ends a build of `request` before any other event; "" for none.
std::string KindOf(Service& service, const BuildRequest& request) {
  const auto events = service.Build(request);
  if (events.size() != 1 || !events[0].has_error()) return "";
  EXPECT_NE(events[0].error().message(), "");
  return events[0].error().kind();
}

TEST(BuildRequestTest, WhatTheDaemonCannotReadIsAParseError) {
  Service service;
  EXPECT_EQ(KindOf(service, BuildRequest()), "parse");
  std::vector<BuildRequest> bad(9, RequestOf("a"));
  bad[0].set_format("zip");
  bad[1].set_pull_policy("sometimes");
  bad[2].add_platforms("linux");
  bad[3].add_platforms("a/b/c/d");
  bad[4].add_platforms("/amd64");
  bad[5].set_isolation("none");
  bad[6].set_cache_from("Upper/case");
  bad[7].set_cache_to("a b");
  bad[8].clear_dockerfile_paths();
  for (const BuildRequest& request : bad) {
    EXPECT_EQ(KindOf(service, request), "parse") << request.ShortDebugString();
  }
}

TEST(BuildRequestTest, WordsAreTrimmedAndOfAnyCase) {
  Service service;
  std::vector<BuildRequest> good(7, RequestOf("a"));
  good[0].set_format(" OCI ");
  good[1].set_isolation("ChRoot\n");
  good[2].add_platforms("");
  good[2].add_platforms(" linux/AMD64 ");
  good[3].add_platforms("linux/amd64/");
  good[4].add_platforms("linux/arm64/v8");
  good[5].set_cache_from(" registry.example/cache ");
  good[6].set_cache_to(" ");
  for (const char* policy : {"always", "Missing", "ifmissing", "if-missing", "never", "ifnewer",
                             "if-newer", " NEWER "}) {
    good.push_back(RequestOf("a"));
    good.back().set_pull_policy(policy);
  }
  for (const BuildRequest& request : good) {
    EXPECT_TRUE(service.Build(request).back().has_finished()) << request.ShortDebugString();
  }
}

TEST(BuildRequestTest, ChecksInTheOrderOfTheDaemon) {
  Service service;
  BuildRequest request = RequestOf("a");
  request.set_cache_to("a b");
  request.set_isolation("none");
  request.add_platforms("linux");
  request.set_pull_policy("sometimes");
  request.set_format("zip");
  request.clear_dockerfile_paths();
  const auto message = [&] { return service.Build(request).back().error().message(); };
  EXPECT_THAT(message(), HasSubstr("dockerfile_paths"));
  request.add_dockerfile_paths("Dockerfile");
  EXPECT_THAT(message(), HasSubstr("zip"));
  request.clear_format();
  EXPECT_THAT(message(), HasSubstr("sometimes"));
  request.clear_pull_policy();
  EXPECT_THAT(message(), HasSubstr("platform"));
  request.clear_platforms();
  EXPECT_THAT(message(), HasSubstr("none"));
  request.clear_isolation();
  EXPECT_THAT(message(), HasSubstr("cache_to"));
}

TEST(BuildRequestTest, WhatBuildahFindsIsAnExecError) {
  Service service;
  TemporaryDirectory context;
  std::ofstream(context / "Dockerfile") << "FROM scratch\n";
  BuildRequest request = RequestOf("a");
  request.set_context_dir(context.path());
  EXPECT_TRUE(service.Build(request).back().has_finished());
  request.add_tags("A B");
  EXPECT_EQ(KindOf(service, request), "exec");
  request.clear_tags();
  request.set_dockerfile_paths(0, context / "Containerfile");
  EXPECT_EQ(KindOf(service, request), "exec");
  request.set_dockerfile_paths(0, "Dockerfile");
  request.set_context_dir(context / "Dockerfile");
  EXPECT_EQ(KindOf(service, request), "exec");
  request.set_context_dir(context / "none");
  request.set_format("zip");
  EXPECT_EQ(KindOf(service, request), "parse");  // found first
}

TEST(BuildRequestTest, WhatNobodyChecksIsTaken) {
  Service service;
  BuildRequest request = RequestOf("a");
  request.add_labels("=");
  request.add_add_hosts("nobody");
  request.set_shm_size("much");
  request.add_ulimits("=");
  EXPECT_TRUE(service.Build(request).back().has_finished());
}

}  // namespace
}  // namespace zlayer::fakes
