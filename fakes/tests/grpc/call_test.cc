// What the honest fake says to calls that it cannot or need not take, and grpc.health.v1, seen by a
// gRPC C++ client that sends bytes.

#include <gmock/gmock.h>
#include <google/protobuf/unknown_field_set.h>
#include <grpcpp/impl/client_unary_call.h>
#include <signal.h>

#include <map>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using google::protobuf::UnknownFieldSet;
using grpc::StatusCode;
using grpc::internal::RpcMethod;
using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr char kService[] = "/zlayer.buildah_sidecar.v1.BuildService/";
constexpr char kHealth[] = "/grpc.health.v1.Health/";
constexpr char kHealthName[] = "zlayer.buildd.v1.BuildService";
constexpr int kServing = 1;
constexpr int kServiceUnknown = 3;

struct Answer {
  grpc::Status status;
  std::string message;
};

std::string BytesOf(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return "";
  std::string bytes;
  for (const grpc::Slice& slice : slices) {
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  }
  return bytes;
}

Answer Call(Service& service, const std::string& path, const std::string& message,
            grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
  const auto context = NewContext();
  context->set_compression_algorithm(compression);
  const RpcMethod method(path.c_str(), RpcMethod::NORMAL_RPC);
  const grpc::Slice slice(message);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  Answer answer;
  answer.status = grpc::internal::BlockingUnaryCall(service.channel().get(), method, context.get(),
                                                    request, &response);
  answer.message = BytesOf(response);
  return answer;
}

/// A field of protobuf with a length, such as a string. `bytes` must have less than 128.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

TEST(CallTest, ARequestAboveFourMebibytesIsTooMuch) {
  Service service;
  buildah_sidecar::v1::TagRequest request;
  request.set_image(std::string((4 << 20) - 16, 'x'));
  EXPECT_EQ(
      Call(service, kService + std::string("Tag"), request.SerializeAsString()).status.error_code(),
      StatusCode::INVALID_ARGUMENT);  // it was read: new_tag is missing
  request.set_image(std::string(4 << 20, 'x'));
  EXPECT_EQ(
      Call(service, kService + std::string("Tag"), request.SerializeAsString()).status.error_code(),
      StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Call(service, kService + std::string("Health"), "").status.ok());
}

TEST(CallTest, CompressedRequestsAreUnimplemented) {
  Service service;
  const std::string request = Field(1, std::string(100, 'x'));
  for (const auto algorithm : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    const Answer answer = Call(service, kService + std::string("Cancel"), request, algorithm);
    EXPECT_EQ(answer.status.error_code(), StatusCode::UNIMPLEMENTED) << algorithm;
    EXPECT_NE(answer.status.error_message(), "");
  }
  EXPECT_TRUE(Call(service, kService + std::string("Cancel"), request).status.ok());
}

TEST(CallTest, BytesThatAreNoMessageAreAnInternalError) {
  Service service;
  for (const std::string bad : {"\xff", "\n\x05x", "\n\x01\xff"}) {  // the last is not UTF-8
    for (const char* method : {"Build", "Cancel", "Tag", "ManifestCreate"}) {
      const Answer answer = Call(service, kService + std::string(method), bad);
      EXPECT_EQ(answer.status.error_code(), StatusCode::INTERNAL) << method;
      EXPECT_NE(answer.status.error_message(), "") << method;
    }
  }
  EXPECT_EQ(Call(service, kHealth + std::string("Check"), "\xff").status.error_code(),
            StatusCode::INTERNAL);
}

TEST(CallTest, UnknownMethodsAndServicesAreNamed) {
  Service service;
  const grpc::Status method = Call(service, kService + std::string("Prune"), "").status;
  EXPECT_EQ(method.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(method.error_message(), AllOf(HasSubstr("unknown method Prune"),
                                            HasSubstr("zlayer.buildah_sidecar.v1.BuildService")));
  const grpc::Status other =
      Call(service, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", "").status;
  EXPECT_EQ(other.error_code(), StatusCode::UNIMPLEMENTED);
  EXPECT_THAT(other.error_message(),
              HasSubstr("unknown service grpc.reflection.v1.ServerReflection"));
  EXPECT_TRUE(Call(service, kService + std::string("Health"), "").status.ok());
}

TEST(CallTest, NoCallIsLogged) {
  Service service;
  service.Build(RequestOf("a"));
  EXPECT_EQ(Call(service, kService + std::string("Prune"), "").status.error_code(),
            StatusCode::UNIMPLEMENTED);
  service.fake().process().Kill(SIGTERM);
  const auto log = service.fake().process().ReadStderrUntil("shutting down");
  ASSERT_TRUE(log);
  EXPECT_THAT(*log, Not(AnyOf(HasSubstr("Prune"), HasSubstr("Build\""), HasSubstr("rpc"))));
}

TEST(GrpcHealthTest, CheckKnowsTwoNames) {
  Service service;
  for (const char* name : {"", kHealthName}) {
    EXPECT_EQ(Call(service, kHealth + std::string("Check"), Field(1, name)).message, "\b\1")
        << name;
  }
  EXPECT_EQ(Call(service, kHealth + std::string("Check"),
                 Field(1, "zlayer.buildah_sidecar.v1.BuildService"))
                .status.error_code(),
            StatusCode::NOT_FOUND);
}

/// The first message of a Watch.
int FirstOfWatch(Service& service, const std::string& name) {
  buildah_sidecar::v1::CancelRequest request;  // encoded as a HealthCheckRequest is
  request.set_request_id(name);
  const auto context = NewContext();
  const std::string path = kHealth + std::string("Watch");
  const RpcMethod watch(path.c_str(), RpcMethod::SERVER_STREAMING);
  const std::unique_ptr<grpc::ClientReader<buildah_sidecar::v1::HealthResponse>> reader(
      grpc::internal::ClientReaderFactory<buildah_sidecar::v1::HealthResponse>::Create(
          service.channel().get(), watch, context.get(), request));
  buildah_sidecar::v1::HealthResponse response;
  EXPECT_TRUE(reader->Read(&response));
  context->TryCancel();
  while (reader->Read(&response)) {
  }
  return response.status();
}

TEST(GrpcHealthTest, WatchSaysThatAServiceIsUnknown) {
  Service service;
  EXPECT_EQ(FirstOfWatch(service, ""), kServing);
  EXPECT_EQ(FirstOfWatch(service, kHealthName), kServing);
  EXPECT_EQ(FirstOfWatch(service, "other"), kServiceUnknown);
}

/// A HealthListResponse: a map of names to messages whose only field is the status.
std::map<std::string, std::uint64_t> Statuses(const std::string& message) {
  std::map<std::string, std::uint64_t> statuses;
  UnknownFieldSet response;
  EXPECT_TRUE(response.ParseFromString(message));
  for (int i = 0; i < response.field_count(); ++i) {
    UnknownFieldSet entry;
    UnknownFieldSet check;
    EXPECT_TRUE(entry.ParseFromString(response.field(i).length_delimited()));
    EXPECT_EQ(entry.field_count(), 2);
    EXPECT_TRUE(check.ParseFromString(entry.field(1).length_delimited()));
    statuses[entry.field(0).length_delimited()] = check.field(0).varint();
  }
  return statuses;
}

TEST(GrpcHealthTest, ListHasBothNames) {
  Service service;
  const Answer answer = Call(service, kHealth + std::string("List"), "");
  ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_THAT(Statuses(answer.message), ElementsAre(Pair("", 1), Pair(kHealthName, 1)));
}

TEST(GrpcHealthTest, ListHearsOfAFault) {
  Service service({.plan = "fault { health { how: NOT_SERVING } }"});
  EXPECT_THAT(Statuses(Call(service, kHealth + std::string("List"), "").message),
              ElementsAre(Pair("", 2), Pair(kHealthName, 2)));
}

}  // namespace
}  // namespace zlayer::fakes
