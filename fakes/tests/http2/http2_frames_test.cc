// Faults of single frames, headers and messages of an answer: what libnghttp2 receives, and which
// error it reports.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/http2/http2_client.h"

namespace zlayer::fakes {
namespace {

/// A fake with one fault, and a client with one call to the fake.
struct OneCall {
  explicit OneCall(const std::string& fault, const char* path = kHealthPath,
                   const std::string& message = "")
      : fake({.plan = Plaintext("fault { " + fault + " }")}),
        client(fake.ReadPort()),
        stream(client.Call(path, message)) {}

  /// Waits until the stream has ended, or libnghttp2 has reported an error.
  bool End() {
    return client.RunUntil([&] { return client.HasEnded(stream) || client.complaint() != 0; });
  }
  std::string Status() {
    const auto& headers = client.headers(stream);
    const auto at = headers.find("grpc-status");
    return at == headers.end() ? "" : at->second;
  }
  const std::string& Message() { return client.data(stream); }

  Fake fake;
  Http2Client client;
  std::int32_t stream;
};

/// The answer of Health as a gRPC message: status SERVING.
const std::string kServing("\0\0\0\0\x02\x08\x01", 7);

TEST(Http2RstStreamTest, AfterHeaders) {
  OneCall call("http2_rst_stream { at: AFTER_HEADERS code: 7 }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.First(NGHTTP2_RST_STREAM).code, 7u);
  EXPECT_EQ(call.client.headers(call.stream).at(":status"), "200");
  EXPECT_EQ(call.Message(), "");
  EXPECT_TRUE(call.fake.HasFired("http2_rst_stream"));
}

TEST(Http2RstStreamTest, InData) {
  OneCall call("http2_rst_stream { at: IN_DATA code: 8 }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.First(NGHTTP2_RST_STREAM).code, 8u);
  EXPECT_EQ(call.Message(), kServing.substr(0, 3));
  EXPECT_TRUE(call.fake.HasFired("http2_rst_stream"));
}

TEST(Http2RstStreamTest, AfterData) {
  OneCall call("http2_rst_stream { at: AFTER_DATA code: 2 }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.First(NGHTTP2_RST_STREAM).code, 2u);
  EXPECT_EQ(call.Message(), kServing);
  EXPECT_EQ(call.Status(), "");
  EXPECT_TRUE(call.fake.HasFired("http2_rst_stream"));
}

TEST(Http2RstStreamTest, TheConnectionGoesOn) {
  OneCall call("when { times: 1 } http2_rst_stream { at: AFTER_HEADERS }");
  EXPECT_TRUE(call.End());
  const auto next = call.client.Call(kHealthPath);
  EXPECT_TRUE(call.client.RunUntil([&] { return call.client.HasEnded(next); }));
  EXPECT_EQ(call.client.data(next), kServing);
}

TEST(Http2RstStreamTest, TheServiceHearsOfIt) {
  OneCall call(
      "http2_rst_stream { at: IN_DATA } } build { event { log {} } } "
      "build { delay_ms: 100 event { log {} }",
      kBuildPath, kBuildRequest);
  EXPECT_TRUE(call.End());
  EXPECT_TRUE(
      call.fake.WaitForEntry([](const v1::JournalEntry& entry) { return entry.has_rpc_ended(); }));
}

struct Complaint {
  const char* fault;
  const char* kind;
  unsigned code;  // the HTTP/2 error code that libnghttp2 answers with
};

const Complaint kComplaints[] = {
    {"http2_frame { defect: WRONG_STREAM }", "http2_frame", NGHTTP2_PROTOCOL_ERROR},
    {"http2_frame { defect: WRONG_STREAM stream_id: 101 }", "http2_frame", NGHTTP2_PROTOCOL_ERROR},
    {"http2_frame { defect: WRONG_LENGTH }", "http2_frame", NGHTTP2_PROTOCOL_ERROR},
    {"http2_frame { defect: WRONG_SIZE }", "http2_frame", NGHTTP2_FRAME_SIZE_ERROR},
    {"http2_frame { defect: OVERSIZE }", "http2_frame", NGHTTP2_FRAME_SIZE_ERROR},
    {"http2_header_block { defect: BAD_INDEX }", "http2_header_block", NGHTTP2_COMPRESSION_ERROR},
    {"http2_header_block { defect: UNFINISHED }", "http2_header_block", NGHTTP2_PROTOCOL_ERROR},
    {"http2_header_block { defect: STRAY_CONTINUATION }", "http2_header_block",
     NGHTTP2_PROTOCOL_ERROR},
    {"http2_header_block { defect: FOREIGN_CONTINUATION }", "http2_header_block",
     NGHTTP2_PROTOCOL_ERROR},
};

TEST(Http2FrameTest, LibnghttpNamesTheBrokenRule) {
  for (const Complaint& complaint : kComplaints) {
    OneCall call(complaint.fault);
    EXPECT_TRUE(call.End()) << complaint.fault;
    EXPECT_EQ(call.client.complaint(), complaint.code) << complaint.fault;
    EXPECT_TRUE(call.fake.HasFired(complaint.kind)) << complaint.fault;
  }
}

TEST(Http2FrameTest, PaddingIsTaken) {
  OneCall call("http2_frame { defect: PADDED }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.First(NGHTTP2_DATA).padding, 256u);
  EXPECT_EQ(call.Message(), kServing);
  EXPECT_EQ(call.Status(), "0");
  EXPECT_TRUE(call.fake.HasFired("http2_frame"));
}

TEST(Http2FrameTest, PaddingMayFillTheWindowManyTimes) {
  OneCall call("http2_frame { defect: PADDED }");
  for (int i = 0; i < 300; ++i) {
    const auto next = call.client.Call(kHealthPath);
    ASSERT_TRUE(call.client.RunUntil([&] { return call.client.HasEnded(next); })) << i;
    ASSERT_EQ(call.client.data(next), kServing) << i;
  }
  EXPECT_EQ(call.client.complaint(), 0u);
}

TEST(Http2FrameTest, AnUnknownTypeIsIgnored) {
  OneCall call("http2_frame { defect: UNKNOWN_TYPE }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.Count(0xfe), 1);
  EXPECT_EQ(call.Message(), kServing);
  EXPECT_EQ(call.Status(), "0");
  EXPECT_TRUE(call.fake.HasFired("http2_frame"));
}

TEST(Http2HeaderBlockTest, ASplitOneIsWhole) {
  OneCall call("http2_header_block { defect: SPLIT }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.headers(call.stream).at("content-type"), "application/grpc");
  EXPECT_EQ(call.client.continuations(), 2);
  EXPECT_EQ(call.Status(), "0");
  EXPECT_TRUE(call.fake.HasFired("http2_header_block"));
}

TEST(Http2HeaderBlockTest, AFloodComesToItsEnd) {
  OneCall call("http2_header_block { defect: CONTINUATION_FLOOD count: 5 }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.continuations(), 6);
  EXPECT_EQ(call.Status(), "0");
  EXPECT_TRUE(call.fake.HasFired("http2_header_block"));
}

TEST(Http2HeaderBlockTest, AFloodMeetsALimitOfTheClient) {
  OneCall call("http2_header_block { defect: CONTINUATION_FLOOD }");
  EXPECT_FALSE(call.End());
  EXPECT_EQ(call.client.failure(), NGHTTP2_ERR_TOO_MANY_CONTINUATIONS);
}

// Not in grpc_wire_test.cc: gRPC 1.51's own client aborts at an answer whose trailers have no
// status.
TEST(GrpcStatusTest, IsMissing) {
  OneCall call("grpc_status { how: MISSING }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.Message(), kServing);
  EXPECT_EQ(call.Status(), "");
  EXPECT_EQ(call.client.Count(NGHTTP2_HEADERS), 2);
  EXPECT_TRUE(call.fake.HasFired("grpc_status"));
}

TEST(GrpcStatusTest, IsThereBeforeTheMessagesAndNotBehindThem) {
  OneCall call("grpc_status { how: IN_HEADERS }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.Status(), "0");
  EXPECT_EQ(call.client.Count(NGHTTP2_HEADERS), 2);
  EXPECT_FALSE(call.client.trailers(call.stream).contains("grpc-status"));
  EXPECT_TRUE(call.fake.HasFired("grpc_status"));
}

TEST(GrpcHeadersTest, AreAProxys) {
  OneCall call("grpc_headers { http_status: 503 content_type: \"text/html\" }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.client.headers(call.stream).at(":status"), "503");
  EXPECT_EQ(call.client.headers(call.stream).at("content-type"), "text/html");
  EXPECT_TRUE(call.fake.HasFired("grpc_headers"));
}

TEST(GrpcMessageTest, IsMarkedAsCompressed) {
  OneCall call("grpc_message { defect: COMPRESSED }");
  EXPECT_TRUE(call.End());
  EXPECT_EQ(call.Message(), '\x01' + kServing.substr(1));
  EXPECT_FALSE(call.client.headers(call.stream).contains("grpc-encoding"));
  EXPECT_TRUE(call.fake.HasFired("grpc_message"));
}

TEST(OccasionsTest, AreRpcsOfAllConnections) {
  Fake fake({.plan = Plaintext("fault { when { skip: 1 times: 2 } grpc_status { how: VALUE } }")});
  const std::string port = fake.ReadPort();
  std::vector<std::string> statuses;
  for (int connection = 0; connection < 2; ++connection) {
    Http2Client client(port);
    for (int i = 0; i < 2; ++i) {
      const auto stream = client.Call(kHealthPath);
      EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
      statuses.push_back(client.headers(stream).at("grpc-status"));
    }
  }
  EXPECT_THAT(statuses, ::testing::ElementsAre("0", "999", "999", "0"));
}

}  // namespace
}  // namespace zlayer::fakes
