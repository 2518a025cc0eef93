// Answers whose messages are no protobuf, or that carry too much metadata; and faults of the
// service that are limited to one method.

#include <gmock/gmock.h>
#include <grpcpp/impl/client_unary_call.h>

#include <algorithm>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildService;

constexpr char kService[] = "/zlayer.buildah_sidecar.v1.BuildService/";

/// The message of an answer as bytes.
template <typename Request>
std::string AnswerTo(Service& service, const std::string& method, const Request& request) {
  const std::string path = kService + method;
  const grpc::internal::RpcMethod call(path.c_str(), grpc::internal::RpcMethod::NORMAL_RPC);
  const auto context = NewContext();
  grpc::ByteBuffer answer;
  const grpc::Status status = grpc::internal::BlockingUnaryCall(service.channel().get(), call,
                                                                context.get(), request, &answer);
  EXPECT_TRUE(status.ok()) << status.error_message();
  grpc::Slice bytes;
  if (!answer.DumpToSingleSlice(&bytes).ok()) return "";
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

TEST(GrpcPayloadTest, TheMessageHasItsLengthAndIsNoProtobuf) {
  Service honest;
  Service service({.plan = "fault { grpc_payload {} }"});
  const buildah_sidecar::v1::InspectRequest request;
  const size_t size = AnswerTo(honest, "Health", request).size();
  EXPECT_EQ(AnswerTo(service, "Health", request), std::string(size, '\xff'));
  EXPECT_TRUE(service.fake().HasFired("grpc_payload"));
}

TEST(GrpcPayloadTest, AnEmptyMessageGetsAByte) {
  Service service({.plan = "fault { grpc_payload {} }"});
  buildah_sidecar::v1::CancelRequest unknown;
  unknown.set_request_id("unknown");
  EXPECT_EQ(AnswerTo(service, "Cancel", unknown), "\xff");
}

/// The sizes of all values that the fake has added.
size_t Added(const std::multimap<grpc::string_ref, grpc::string_ref>& metadata) {
  size_t size = 0;
  for (const auto& [key, value] : metadata) size += key.starts_with("x-fake-") ? value.size() : 0;
  return size;
}

TEST(GrpcMetadataTest, IsInTheHeadersOrInTheTrailers) {
  for (const bool in_trailers : {false, true}) {
    Service service({.plan = std::string("fault { grpc_metadata { bytes: 5000 in_trailers: ") +
                             (in_trailers ? "true" : "false") + " } }"});
    const auto context = NewContext();
    buildah_sidecar::v1::HealthResponse response;
    EXPECT_TRUE(service.stub().Health(context.get(), {}, &response).ok());
    EXPECT_EQ(Added(context->GetServerInitialMetadata()), in_trailers ? 0u : 5'000u);
    EXPECT_EQ(Added(context->GetServerTrailingMetadata()), in_trailers ? 5'000u : 0u);
    EXPECT_TRUE(service.fake().HasFired("grpc_metadata"));
  }
}

TEST(GrpcMetadataTest, WithoutASizeItIsMoreThanClientsTake) {
  Service service({.plan = "fault { grpc_metadata {} }"});
  buildah_sidecar::v1::HealthResponse response;
  EXPECT_FALSE(service.Call(&BuildService::Stub::Health, {}, &response).ok());
  EXPECT_TRUE(service.fake().HasFired("grpc_metadata"));
}

TEST(MethodTest, OnlyItsCallsAreOccasions) {
  for (const std::string fault :
       {"grpc_status { how: VALUE", "grpc_headers { http_status: 503", "grpc_payload {",
        "grpc_metadata {", "grpc_message { defect: BAD_FLAG",
        "http2_rst_stream { at: AFTER_HEADERS", "http2_frame { defect: WRONG_STREAM",
        "http2_header_block { defect: BAD_INDEX", "rpc { code: 5"}) {
    Service service({.plan = "fault { " + fault + " method: \"Inspect\" } }"});
    buildah_sidecar::v1::HealthResponse health;
    buildah_sidecar::v1::InspectResponse inspected;
    EXPECT_TRUE(service.Call(&BuildService::Stub::Health, {}, &health).ok()) << fault;
    const auto journal = service.fake().Journal();
    EXPECT_TRUE(std::none_of(journal.begin(), journal.end(), [](const v1::JournalEntry& entry) {
      return entry.has_fault_fired();
    }));
    EXPECT_FALSE(service.Call(&BuildService::Stub::Inspect, {}, &inspected).ok()) << fault;
    EXPECT_TRUE(service.fake().HasFired(fault.substr(0, fault.find(' ')))) << fault;
  }
}

TEST(MethodTest, AnUnknownOneIsRefused) {
  for (const std::string fault :
       {"grpc_status { how: VALUE", "grpc_headers { http_status: 503", "grpc_payload {",
        "grpc_metadata {", "grpc_message { defect: BAD_FLAG", "http2_rst_stream { at: IN_DATA",
        "http2_frame { defect: PADDED", "http2_header_block { defect: SPLIT"}) {
    Fake fake({.plan = "fault { " + fault + " method: \"Biuld\" } }"});
    EXPECT_EQ(fake.process().Wait(), Ended::WithCode(2)) << fault;
    EXPECT_THAT(fake.process().Stderr(),
                ::testing::HasSubstr(fault.substr(0, fault.find(' ')) + ".method: must be"));
  }
}

}  // namespace
}  // namespace zlayer::fakes
