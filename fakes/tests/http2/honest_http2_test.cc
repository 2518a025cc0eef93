// The HTTP/2 of the honest fake is that of the deployed daemon, with and without a fault that sees
// its frames: SETTINGS, PINGs, and rules that gRPC's C++ server does not keep.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fakes/tests/grpc/health_call.h"
#include "fakes/tests/tls/tls_client.h"

namespace zlayer::fakes {
namespace {

using ::testing::HasSubstr;

constexpr char kData = 0;
constexpr char kHeaders = 1;
constexpr char kSettings = 4;
constexpr char kPing = 6;
constexpr char kGoaway = 7;
constexpr char kEndHeaders = 4;

/// SETTINGS with MAX_FRAME_SIZE 16,384.
const std::string& HonestSettings() {
  static const std::string kFrame = Http2Frame(kSettings, 0, 0, std::string("\0\5\0\0\x40\0", 6));
  return kFrame;
}

std::string Preface() {
  return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Http2Frame(kSettings, 0, 0, "");
}

/// The beginning of GOAWAY's payload: last stream and error code.
std::string LastAndCode(char stream, char code) {
  const char bytes[] = {0, 0, 0, stream, 0, 0, 0, code};
  return {bytes, sizeof bytes};
}

/// The frames of this type in `bytes`, headers included.
std::vector<std::string> FramesOf(char type, std::string bytes) {
  std::vector<std::string> found;
  while (bytes.size() >= 9) {
    size_t size = 9;
    for (size_t i = 0; i < 3; ++i) size += static_cast<unsigned char>(bytes[i]) << (16 - 8 * i);
    if (bytes[3] == type) found.push_back(bytes.substr(0, size));
    bytes.erase(0, size);
  }
  return found;
}

/// With one parameter: the plan.
class HonestHttp2Test : public ::testing::TestWithParam<const char*> {
 protected:
  /// What the fake answers to these bytes, up to the end of the connection.
  std::string AnswerTo(const std::string& bytes) {
    TlsClient client(context_.get(), port_);
    EXPECT_TRUE(client.Write(Preface() + bytes));
    EXPECT_TRUE(client.ReadToCloseNotify());
    return client.read();
  }

  Fake fake_{{.plan = GetParam()}};
  const std::string port_ = fake_.ReadPort();
  const daemon::SslContextPtr context_ = TlsClient::Context(fake_);
};

INSTANTIATE_TEST_SUITE_P(Plans, HonestHttp2Test,
                         ::testing::Values("", "fault { http2_limit { zero: STREAMS } }",
                                           "fault { slicer { average_size: 5 } }"),
                         [](const auto& plan) {
                           return std::string(plan.index == 0   ? "Honest"
                                              : plan.index == 1 ? "WithAFrameFault"
                                                                : "InSlices");
                         });

TEST_P(HonestHttp2Test, TheFirstFrameIsSettingsWithOneValue) {
  if (std::string(GetParam()).find("zero") != std::string::npos) return;  // changes SETTINGS
  TlsClient client(context_.get(), port_);
  EXPECT_TRUE(client.Write(HealthCall()));
  EXPECT_TRUE(client.ReadUntil(kServing));
  EXPECT_EQ(client.read().substr(0, HonestSettings().size()), HonestSettings());
}

TEST_P(HonestHttp2Test, ThreePingsWithoutAStreamAreFineAndTheFourthIsTooMany) {
  const std::string ping = Http2Frame(kPing, 0, 0, "12345678");
  TlsClient patient(context_.get(), port_);
  EXPECT_TRUE(patient.Write(Preface() + ping + ping + Http2Frame(kPing, 0, 0, "lastping")));
  EXPECT_TRUE(patient.ReadUntil("lastping"));
  const auto goaways = FramesOf(kGoaway, AnswerTo(ping + ping + ping + ping));
  ASSERT_EQ(goaways.size(), 1u);
  EXPECT_EQ(goaways[0].substr(9 + 4), LastAndCode(0, 0xb).substr(4) + "too_many_pings");
}

TEST_P(HonestHttp2Test, AnEvenStreamEndsTheConnection) {
  const auto goaways = FramesOf(kGoaway, AnswerTo(Http2Frame(kHeaders, kEndHeaders, 2, "")));
  ASSERT_EQ(goaways.size(), 1u);
  EXPECT_EQ(goaways[0].substr(9, 8), LastAndCode(0, 1));
  EXPECT_THAT(goaways[0], HasSubstr("received an illegal stream id: 2"));
}

TEST_P(HonestHttp2Test, DataOfNoStreamEndsTheConnection) {
  const std::string answer = AnswerTo(Http2Frame(kData, 0, 0, "x"));
  EXPECT_THAT(FramesOf(kGoaway, answer), ::testing::IsEmpty());
  EXPECT_EQ(FramesOf(kSettings, answer).at(0),
            answer.substr(0, FramesOf(kSettings, answer)[0].size()))
      << "SETTINGS are the first frame";
}

}  // namespace
}  // namespace zlayer::fakes
