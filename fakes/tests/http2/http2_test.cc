// Faults of a whole HTTP/2 connection (SETTINGS, limits, PING, GOAWAY), seen by libnghttp2.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/fixture/fake.h"
#include "fakes/tests/http2/http2_client.h"

namespace zlayer::fakes {
namespace {

using SeenFrame = Http2Client::SeenFrame;

TEST(Http2Test, AFakeWithoutFaultAnswersLibnghttp2) {
  Fake fake({.plan = Plaintext("")});
  Http2Client client(fake.ReadPort());
  const auto stream = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
  EXPECT_EQ(client.headers(stream).at("grpc-status"), "0");
  EXPECT_EQ(client.Count(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK), 1);
  EXPECT_EQ(client.complaint(), 0u);
}

TEST(Http2SettingsTest, MissingLeavesOnlyTheAcknowledgement) {
  Fake fake({.plan = Plaintext("fault { http2_settings { how: MISSING } }")});
  Http2Client client(fake.ReadPort());
  // The first frame that comes is the acknowledgement, and libnghttp2 refuses it: the first frame
  // must be SETTINGS without ACK.
  EXPECT_TRUE(client.RunUntil([&] { return client.complaint() != 0; }));
  EXPECT_EQ(client.complaint(), unsigned{NGHTTP2_PROTOCOL_ERROR});
  EXPECT_TRUE(fake.HasFired("http2_settings"));
}

TEST(Http2SettingsTest, NeverAckedButEverythingElseIsThere) {
  Fake fake({.plan = Plaintext("fault { http2_settings { how: NEVER_ACKED } }")});
  Http2Client client(fake.ReadPort());
  const auto stream = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
  client.Ping();
  EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_PING) == 1; }));
  EXPECT_GE(client.Count(NGHTTP2_SETTINGS), 1);
  EXPECT_EQ(client.Count(NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK), 0);
  EXPECT_TRUE(fake.HasFired("http2_settings"));
}

TEST(Http2SettingsTest, FloodHasItsCountAndThenServes) {
  Fake fake({.plan = Plaintext("fault { http2_settings { how: FLOOD count: 500 } }")});
  Http2Client client(fake.ReadPort());
  const auto stream = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
  EXPECT_EQ(client.headers(stream).at("grpc-status"), "0");
  EXPECT_GE(client.Count(NGHTTP2_SETTINGS), 501);
  EXPECT_TRUE(fake.HasFired("http2_settings"));
}

TEST(Http2SettingsTest, FloodThatALimitOfTheClientEnds) {
  Fake fake({.plan = Plaintext("fault { http2_settings { how: FLOOD count: 100000 } }")});
  Http2Client client(fake.ReadPort());
  EXPECT_TRUE(client.RunUntil([&] { return client.failure() != 0; }));
  EXPECT_EQ(client.failure(), NGHTTP2_ERR_FLOODED);
}

TEST(Http2LimitTest, WindowIsZeroAndNeverOpens) {
  Fake fake({.plan = Plaintext("fault { http2_limit { zero: WINDOW } }")});
  Http2Client client(fake.ReadPort());
  EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_SETTINGS) > 0; }));
  EXPECT_EQ(client.RemoteSetting(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE), 0u);
  const auto stream = client.Call(kHealthPath);
  client.Ping();  // its answer comes after all answers to the request
  EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_PING, NGHTTP2_FLAG_ACK) == 1; }));
  EXPECT_FALSE(client.HasEnded(stream));
  EXPECT_EQ(client.Count(NGHTTP2_WINDOW_UPDATE), 0);
  EXPECT_TRUE(fake.HasFired("http2_limit"));
}

TEST(Http2LimitTest, NoStreamIsAllowed) {
  Fake fake({.plan = Plaintext("fault { http2_limit { zero: STREAMS } }")});
  Http2Client client(fake.ReadPort());
  EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_SETTINGS) > 0; }));
  EXPECT_EQ(client.RemoteSetting(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS), 0u);
  EXPECT_TRUE(fake.HasFired("http2_limit"));
}

TEST(Http2PingTest, IsNeverAnswered) {
  Fake fake({.plan = Plaintext("fault { http2_ping { how: NEVER_ACKED } }")});
  Http2Client client(fake.ReadPort());
  client.Ping();
  const auto stream = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
  EXPECT_EQ(client.Count(NGHTTP2_PING, NGHTTP2_FLAG_ACK), 0);
  EXPECT_TRUE(fake.HasFired("http2_ping"));
}

TEST(Http2PingTest, FloodHasItsCountAndThenServes) {
  Fake fake({.plan = Plaintext("fault { http2_ping { how: FLOOD count: 500 } }")});
  Http2Client client(fake.ReadPort());
  const auto stream = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(stream); }));
  EXPECT_GE(client.Count(NGHTTP2_PING), 500);
  EXPECT_EQ(client.headers(stream).at("grpc-status"), "0");
  EXPECT_TRUE(fake.HasFired("http2_ping"));
}

SeenFrame GoawayOf(Http2Client& client) {
  EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_GOAWAY) > 0; }));
  return client.First(NGHTTP2_GOAWAY);
}

TEST(Http2GoawayTest, AtOnceAndTheConnectionEnds) {
  Fake fake({.plan = Plaintext("fault { http2_goaway { code: 2 close: true } }")});
  Http2Client client(fake.ReadPort());
  const SeenFrame goaway = GoawayOf(client);
  EXPECT_EQ(goaway.code, 2u);
  EXPECT_EQ(goaway.last_stream, 0);
  EXPECT_TRUE(client.RunUntil([&] { return client.closed(); }));
  EXPECT_TRUE(fake.HasFired("http2_goaway"));
}

TEST(Http2GoawayTest, OfTheSecondStreamKeepsItsAnswerBack) {
  Fake fake({.plan = Plaintext("fault { http2_goaway { last_stream_id: 1 after_streams: 2 } }")});
  Http2Client client(fake.ReadPort());
  const auto first = client.Call(kHealthPath);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(first); }));
  EXPECT_EQ(client.Count(NGHTTP2_GOAWAY), 0);
  EXPECT_FALSE(fake.HasFired("http2_goaway"));
  const auto second = client.Call(kHealthPath);
  EXPECT_EQ(GoawayOf(client).last_stream, 1);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(second); }));
  EXPECT_FALSE(client.headers(second).contains("grpc-status"));
  EXPECT_TRUE(fake.HasFired("http2_goaway"));
}

TEST(Http2GoawayTest, AfterAWhileLetsWhatHasBegunEnd) {
  Fake fake({.plan = Plaintext("fault { http2_goaway { last_stream_id: 2147483647 after_ms: 300 } }"
                               "build { delay_ms: 600 event { finished { image_id: \"i\" } } }")});
  Http2Client client(fake.ReadPort());
  const auto build = client.Call(kBuildPath, kBuildRequest);
  EXPECT_EQ(GoawayOf(client).last_stream, 2147483647);
  EXPECT_FALSE(client.HasEnded(build));
  EXPECT_TRUE(fake.HasFired("http2_goaway"));
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(build); }));
  EXPECT_EQ(client.headers(build).at("grpc-status"), "0");
}

TEST(Http2GoawayTest, FiresBehindAnotherFaultOfHttp2) {
  const char* others[] = {"http2_ping { how: NEVER_ACKED }", "http2_rst_stream { at: IN_DATA }",
                          "http2_settings { how: NEVER_ACKED }"};
  const char* goaways[] = {"http2_goaway { code: 2 close: true }",
                           "http2_goaway { code: 2 close: true after_ms: 100 }"};
  for (const std::string other : others) {
    for (const std::string goaway : goaways) {
      Fake fake({.plan = Plaintext("fault { " + other + " } fault { " + goaway + " }")});
      Http2Client client(fake.ReadPort());
      EXPECT_EQ(GoawayOf(client).code, 2u) << other;
      EXPECT_TRUE(client.RunUntil([&] { return client.closed(); })) << other;
      EXPECT_TRUE(fake.HasFired("http2_goaway")) << other << " " << goaway;
    }
  }
}

TEST(Http2GoawayTest, AnAnswerThatIsKeptBackSpoilsNoOther) {
  // Both answers end with the trailer grpc-status: 0. Only the second, which is kept back, puts it
  // into HPACK's table; the first would then refer to an entry that the client never got.
  Fake fake({.plan = Plaintext("fault { http2_goaway { last_stream_id: 1 after_streams: 2 } } "
                               "build { delay_ms: 300 event { finished { image_id: \"i\" } } }")});
  Http2Client client(fake.ReadPort());
  const auto build = client.Call(kBuildPath, kBuildRequest);
  client.Call(kHealthPath);
  EXPECT_EQ(GoawayOf(client).last_stream, 1);
  EXPECT_TRUE(client.RunUntil([&] { return client.HasEnded(build); }));
  EXPECT_EQ(client.complaint(), 0u);
  EXPECT_EQ(client.headers(build).at("content-type"), "application/grpc");
  EXPECT_EQ(client.trailers(build).at("grpc-status"), "0");
  std::vector<std::string> ended;
  for (const v1::JournalEntry& entry : fake.Journal()) {
    if (entry.has_rpc_ended()) ended.push_back(entry.rpc_ended().method());
  }
  EXPECT_THAT(ended, ::testing::ElementsAre(kHealthPath, kBuildPath)) << "not what is tested";
}

}  // namespace
}  // namespace zlayer::fakes
