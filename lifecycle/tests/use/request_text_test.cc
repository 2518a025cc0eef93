#include "lifecycle/src/use/request_text.h"

#include <gmock/gmock.h>

#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::PushRequest;
using testing::StartsWith;

/// The message of the error for `request`.
std::string Refusal(const google::protobuf::Message& request) {
  const auto checked = CheckRequestText(request);
  if (checked) return "";
  EXPECT_EQ(checked.error().kind, ErrorKind::config_invalid);
  return checked.error().message;
}

TEST(RequestTextTest, EveryTextOfARequestIsChecked) {
  BuildRequest good;
  good.set_context_dir("/home/Ren\xc3\xa9");
  good.add_tags("a:1");
  (*good.mutable_build_args())["KEY"] = "value";
  EXPECT_EQ(Refusal(good), "");
  BuildRequest context = good;
  context.set_context_dir("/home/Ren\xe9");
  EXPECT_THAT(Refusal(context), StartsWith("context_dir of the request is not UTF-8"));
  BuildRequest second = good;
  second.add_dockerfile_paths("Dockerfile");
  second.add_dockerfile_paths("\xff");
  EXPECT_THAT(Refusal(second), StartsWith("dockerfile_paths[1] of the request"));
  BuildRequest value = good;
  (*value.mutable_build_args())["KEY"] = "\xff";
  EXPECT_THAT(Refusal(value), StartsWith("build_args[0].value of the request"));
  BuildRequest key = good;
  (*key.mutable_build_args())["\xff"] = "value";
  EXPECT_THAT(Refusal(key), testing::ContainsRegex(R"(^build_args\[.\]\.key of the request)"));
  PushRequest nested;
  nested.mutable_auth()->set_username("\xff");
  EXPECT_THAT(Refusal(nested), StartsWith("auth.username of the request"));
}

}  // namespace
}  // namespace zlayer::sidecar
