// Answers that break HTTP/2 or gRPC, and the status that gRPC's own client reports for them.

#include <gmock/gmock.h>

#include <algorithm>

#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::HealthResponse;
using grpc::StatusCode;
using ::testing::HasSubstr;

grpc::Status Health(Service& service) {
  HealthResponse response;
  const auto context = NewContext();
  return service.stub().Health(context.get(), {}, &response);
}

std::string KindOf(const std::string& fault) { return fault.substr(0, fault.find(' ')); }

struct Verdict {
  const char* fault;
  int code;
  const char* message = "";  // part of the status message
};

const Verdict kVerdicts[] = {
    {"grpc_status { how: VALUE }", 999},
    {"grpc_status { how: VALUE value: \"13\" }", StatusCode::INTERNAL},
    {"grpc_status { how: VALUE value: \"abc\" }", StatusCode::UNKNOWN},
    {"grpc_status { how: NOT_FINAL }", StatusCode::UNKNOWN},
    {"grpc_headers { http_status: 503 }", StatusCode::UNAVAILABLE, "status: 503"},
    {"grpc_headers { http_status: 404 content_type: \"text/html\" }", StatusCode::UNIMPLEMENTED},
    {"grpc_message { defect: BAD_FLAG }", StatusCode::UNIMPLEMENTED, "No message returned"},
    {"grpc_message { defect: TOO_LONG }", StatusCode::UNIMPLEMENTED, "No message returned"},
    {"grpc_message { defect: HUGE }", StatusCode::UNIMPLEMENTED, "No message returned"},
    {"http2_rst_stream { at: AFTER_HEADERS code: 7 }", StatusCode::UNAVAILABLE, "error code 7"},
    {"http2_rst_stream { at: IN_DATA code: 8 }", StatusCode::CANCELLED, "error code 8"},
    {"http2_rst_stream { at: AFTER_DATA code: 2 }", StatusCode::INTERNAL, "error code 2"},
    {"http2_frame { defect: WRONG_STREAM }", StatusCode::UNIMPLEMENTED, "No message returned"},
    {"http2_frame { defect: WRONG_SIZE }", StatusCode::UNKNOWN, "Stream removed"},
    {"http2_frame { defect: OVERSIZE }", StatusCode::UNKNOWN, "Stream removed"},
    {"http2_frame { defect: UNKNOWN_TYPE }", StatusCode::OK},
    // A limit of gRPC's client: HTTP/2 allows padding.
    {"http2_frame { defect: PADDED }", StatusCode::INTERNAL, "unsupported data flags"},
    {"http2_header_block { defect: BAD_INDEX }", StatusCode::UNKNOWN, "Stream removed"},
    {"http2_header_block { defect: UNFINISHED }", StatusCode::UNKNOWN, "Stream removed"},
    {"http2_header_block { defect: STRAY_CONTINUATION }", StatusCode::UNKNOWN},
    {"http2_header_block { defect: FOREIGN_CONTINUATION }", StatusCode::UNKNOWN},
    {"http2_header_block { defect: SPLIT }", StatusCode::OK},
    {"rpc { method: \"Health\" code: 12 message: \"no such\" }", StatusCode::UNIMPLEMENTED,
     "no such"},
};

TEST(GrpcWireTest, GrpcsOwnClientSaysWhatItMet) {
  for (const Verdict& verdict : kVerdicts) {
    Service service({.plan = std::string("fault { ") + verdict.fault + " }"});
    const grpc::Status status = Health(service);
    EXPECT_EQ(int{status.error_code()}, verdict.code) << verdict.fault << status.error_message();
    EXPECT_THAT(status.error_message(), HasSubstr(verdict.message)) << verdict.fault;
    EXPECT_TRUE(service.fake().HasFired(KindOf(verdict.fault))) << verdict.fault;
  }
}

TEST(GrpcWireTest, ALaterCallIsAnHonestOne) {
  Service service({.plan = "fault { when { times: 1 } grpc_status { how: VALUE value: \"7\" } }"});
  EXPECT_EQ(Health(service).error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_TRUE(Health(service).ok());
}

TEST(GrpcWireTest, ManyHeadersOfManyCallsSurviveTheirReencoding) {
  Service service({.plan = "fault { when { skip: 1000 } grpc_status { how: MISSING } }"});
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(Health(service).ok()) << i;
  EXPECT_FALSE(service.Build(RequestOf("a")).empty());
  buildah_sidecar::v1::TagResponse response;
  const auto context = NewContext();
  const grpc::Status status = service.stub().Tag(context.get(), {}, &response);
  EXPECT_EQ(status.error_code(), StatusCode::INVALID_ARGUMENT);  // trailers only
  EXPECT_NE(status.error_message(), "");
}

TEST(RpcTest, OnlyTheNamedMethodIsMeant) {
  Service service({.plan = "fault { rpc { method: \"Build\" code: 14 } }"});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(Health(service).ok());
  EXPECT_FALSE(service.fake().HasFired("rpc"));
  const auto context = NewContext();
  const auto reader = service.stub().Build(context.get(), RequestOf("a"));
  BuildEvent event;
  EXPECT_FALSE(reader->Read(&event));
  EXPECT_EQ(reader->Finish().error_code(), StatusCode::UNAVAILABLE);
  EXPECT_TRUE(service.fake().HasFired("rpc"));
  EXPECT_TRUE(Health(service).ok());
}

TEST(RpcTest, AnswersComeLate) {
  Service service({.plan = "fault { rpc { delay_ms: 300 } }"});
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_TRUE(Health(service).ok());
  EXPECT_GE(std::chrono::steady_clock::now() - begun, std::chrono::milliseconds(300));
  EXPECT_TRUE(service.fake().HasFired("rpc"));
}

TEST(RpcTest, CancelIsNeverAnswered) {
  Service service({.plan = "fault { rpc { method: \"Cancel\" never_answered: true } }"});
  EXPECT_TRUE(Health(service).ok());
  buildah_sidecar::v1::CancelResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
  EXPECT_EQ(service.stub().Cancel(&context, {}, &response).error_code(),
            StatusCode::DEADLINE_EXCEEDED);
  EXPECT_TRUE(service.fake().WaitForFault("rpc"));
  EXPECT_TRUE(Health(service).ok());
}

/// On a connection where the client can send nothing, only its deadline ends a call.
TEST(Http2LimitTest, CallsEndByTheirDeadline) {
  for (const char* zero : {"WINDOW", "STREAMS"}) {
    Service service({.plan = std::string("fault { http2_limit { zero: ") + zero + " } }"});
    ASSERT_TRUE(service.channel()->WaitForConnected(std::chrono::system_clock::now() + kPatience));
    EXPECT_TRUE(service.fake().WaitForFault("http2_limit"));
    HealthResponse response;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(300));
    EXPECT_EQ(service.stub().Health(&context, {}, &response).error_code(),
              StatusCode::DEADLINE_EXCEEDED);
  }
}

TEST(Http2GoawayTest, TheCallIsMadeAgainOnAnotherConnection) {
  Service service({.plan = "fault { when { times: 1 } http2_goaway { close: true } }"});
  EXPECT_TRUE(Health(service).ok());
  EXPECT_TRUE(service.fake().HasFired("http2_goaway"));
  const auto entries = service.fake().Journal();
  EXPECT_GE(std::count_if(entries.begin(), entries.end(),
                          [](const v1::JournalEntry& entry) { return entry.has_accepted(); }),
            2);
}

TEST(Http2PingTest, KeepaliveFindsTheConnectionDead) {
  Fake fake({.plan = "fault { http2_ping { how: NEVER_ACKED } } fault { tls_off {} } "
                     "build { event { log {} } } build { hold: true }"});
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 100);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 100);
  const auto channel = grpc::CreateCustomChannel("127.0.0.1:" + fake.ReadPort(),
                                                 grpc::InsecureChannelCredentials(), arguments);
  const auto stub = buildah_sidecar::v1::BuildService::NewStub(channel);
  const auto context = NewContext();
  const auto reader = stub->Build(context.get(), RequestOf("a"));
  BuildEvent event;
  EXPECT_TRUE(reader->Read(&event));
  EXPECT_FALSE(reader->Read(&event));
  const grpc::Status status = reader->Finish();
  EXPECT_EQ(status.error_code(), StatusCode::UNAVAILABLE) << status.error_message();
  EXPECT_TRUE(fake.HasFired("http2_ping"));
}

}  // namespace
}  // namespace zlayer::fakes
