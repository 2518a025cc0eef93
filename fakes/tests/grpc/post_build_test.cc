// The RPCs of the honest fake that work on what was built, seen by a gRPC C++ client.

#include <gmock/gmock.h>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using namespace buildah_sidecar::v1;  // NOLINT: the tests use most messages of the wire
using grpc::StatusCode;
using ::testing::MatchesRegex;

class PostBuildTest : public ::testing::Test {
 protected:
  using Stub = buildah_sidecar::v1::BuildService::Stub;

  void SetUp() override {
    BuildRequest request = RequestOf("a");
    request.add_tags("localhost/app:1");
    const auto events = service_.Build(request);
    ASSERT_TRUE(events.back().has_finished());
    id_ = events.back().finished().image_id();
  }

  StatusCode Tag(const std::string& image, const std::string& tag) {
    TagRequest request;
    request.set_image(image);
    request.set_new_tag(tag);
    TagResponse response;
    return service_.Call<TagRequest, TagResponse>(&Stub::Tag, request, &response).error_code();
  }

  StatusCode Push(const std::string& image, const std::string& destination,
                  const std::string& format = "") {
    PushRequest request;
    request.set_image(image);
    request.set_destination(destination);
    request.set_format(format);
    return service_.Call<PushRequest, PushResponse>(&Stub::Push, request, &pushed_).error_code();
  }

  StatusCode Create(const std::string& name) {
    ManifestCreateRequest request;
    request.set_name(name);
    ManifestCreateResponse response;
    return service_
        .Call<ManifestCreateRequest, ManifestCreateResponse>(&Stub::ManifestCreate, request,
                                                             &response)
        .error_code();
  }

  StatusCode Add(const std::string& manifest, const std::string& image) {
    ManifestAddRequest request;
    request.set_manifest(manifest);
    request.set_image(image);
    ManifestAddResponse response;
    return service_
        .Call<ManifestAddRequest, ManifestAddResponse>(&Stub::ManifestAdd, request, &response)
        .error_code();
  }

  StatusCode PushManifest(const std::string& name, const std::string& destination) {
    ManifestPushRequest request;
    request.set_name(name);
    request.set_destination(destination);
    ManifestPushResponse response;
    return service_
        .Call<ManifestPushRequest, ManifestPushResponse>(&Stub::ManifestPush, request, &response)
        .error_code();
  }

  Service service_;
  std::string id_;
  PushResponse pushed_;
};

TEST_F(PostBuildTest, TagPushAndManifestsOfWhatWasBuilt) {
  EXPECT_EQ(Tag("localhost/app:1", "registry.example:5000/team/app:2"), StatusCode::OK);
  EXPECT_EQ(Push("registry.example:5000/team/app:2", "docker://registry.example/team/app"),
            StatusCode::OK);
  EXPECT_THAT(pushed_.pushed_digest(), MatchesRegex("sha256:[0-9a-f]{64}"));
  EXPECT_EQ(Create("localhost/list"), StatusCode::OK);
  EXPECT_EQ(Add("localhost/list", "localhost/app:1"), StatusCode::OK);
  EXPECT_EQ(PushManifest("localhost/list", "registry.example/team/list:1"), StatusCode::OK);
}

TEST_F(PostBuildTest, AnImageIsFoundByItsIdTwelveDigitsOrATag) {
  for (const std::string& name :
       {id_, id_.substr(0, 12), std::string("localhost/app:1"), std::string("app:1")}) {
    EXPECT_EQ(Tag(name, "b:1"), StatusCode::OK) << name;
  }
  for (const std::string& name : {"sha256:" + id_, id_.substr(0, 11), id_ + "0",
                                  std::string("localhost/app"), std::string("localhost/app:2")}) {
    EXPECT_EQ(Tag(name, "b:1"), StatusCode::NOT_FOUND) << name;
  }
}

TEST_F(PostBuildTest, TagLooksForTheImageAndNotAtTheNewTag) {
  EXPECT_EQ(Tag("", "b:1"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Tag("localhost/other:1", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Tag("localhost/other:1", "A B"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Tag("A B", "b:1"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Tag("localhost/app:1", "A B"), StatusCode::OK);
}

TEST_F(PostBuildTest, PushChecksWhereToBeforeWhat) {
  EXPECT_EQ(Push("", "b"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Push("localhost/other:1", ""), StatusCode::INVALID_ARGUMENT);
  for (const char* bad : {"Upper/case", "a b", "a//b", "a:", "a:b:c", "a@sha256:12", "-a",
                          "docker://", "docker://A", "ftp://a/b", "oci:"}) {
    EXPECT_EQ(Push("localhost/other:1", bad), StatusCode::INVALID_ARGUMENT) << bad;
  }
  EXPECT_EQ(Push("localhost/other:1", "b", "zip"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Push("localhost/other:1", "b"), StatusCode::INTERNAL);
  EXPECT_EQ(Push("A B", "b"), StatusCode::INTERNAL);
  EXPECT_EQ(Push("localhost/app:1", "oci:/tmp/layout", "OCI"), StatusCode::OK);
}

TEST_F(PostBuildTest, ManifestCreateFailsInternally) {
  EXPECT_EQ(Create(""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Create("A B"), StatusCode::INTERNAL);
  EXPECT_EQ(Create("localhost/list"), StatusCode::OK);
  EXPECT_EQ(Create("localhost/list"), StatusCode::INTERNAL);
}

TEST_F(PostBuildTest, ManifestAddAndPushLookForTheManifestFirst) {
  EXPECT_EQ(Add("", "localhost/app:1"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Add("localhost/list", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Add("localhost/list", "localhost/other:1"), StatusCode::NOT_FOUND);
  EXPECT_EQ(PushManifest("", "b"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PushManifest("localhost/list", ""), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PushManifest("localhost/list", "A B"), StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(PushManifest("localhost/list", "b"), StatusCode::NOT_FOUND);
}

TEST(ManifestCreateTest, ThePresetShowsTheDefectOfTheDeployedDaemon) {
  Service service({.environment = {{"ZLAYER_FAKE_PLAN", "manifest-create-fails"}}});
  ManifestCreateRequest request;
  request.set_name("localhost/list");
  ManifestCreateResponse response;
  const auto context = NewContext();
  EXPECT_EQ(service.stub().ManifestCreate(context.get(), request, &response).error_code(),
            StatusCode::INTERNAL);
}

}  // namespace
}  // namespace zlayer::fakes
