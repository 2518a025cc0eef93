// An HTTP/2 client that records what it receives. It uses libnghttp2, which does not share code
// with the gRPC server of the fake, and plaintext.
//
//   Fake fake({.plan = Plaintext("fault { http2_ping { how: FLOOD } }")});
//   Http2Client client(fake.ReadPort());
//   client.Call(kHealthPath);
//   EXPECT_TRUE(client.RunUntil([&] { return client.Count(NGHTTP2_PING) > 10; }));

#pragma once

#include <nghttp2/nghttp2.h>

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fakes/fixture/unique_fd.h"

namespace zlayer::fakes {

inline constexpr char kHealthPath[] = "/zlayer.buildah_sidecar.v1.BuildService/Health";
inline constexpr char kBuildPath[] = "/zlayer.buildah_sidecar.v1.BuildService/Build";
/// dockerfile_paths: "D"
inline constexpr char kBuildRequest[] =
    "\x1a\x01"
    "D";

/// The plan without TLS, as this client needs it.
inline std::string Plaintext(const std::string& plan) { return plan + " fault { tls_off {} }"; }

class Http2Client {
 public:
  struct SeenFrame {
    int type = 0;
    int flags = 0;
    std::int32_t stream = 0;
    std::uint32_t code = 0;         ///< of RST_STREAM and GOAWAY
    std::int32_t last_stream = -1;  ///< of GOAWAY
    size_t padding = 0;             ///< of DATA, including the byte of the pad length
  };

  /// Connects, and queues SETTINGS for RunUntil().
  explicit Http2Client(const std::string& port);

  /// Begins a gRPC call with this message. Returns its stream id.
  std::int32_t Call(const std::string& path, const std::string& message = "");
  void Ping();

  /// Exchanges frames until `done` is true. False: kPatience is over, the connection has ended, or
  /// libnghttp2 has failed.
  bool RunUntil(const std::function<bool()>& done);

  /// The frames that libnghttp2 accepted as valid.
  const std::vector<SeenFrame>& frames() const { return frames_; }
  long Count(int type, int flags = 0) const;
  /// The first frame of this type; a default one if there is none.
  SeenFrame First(int type) const;
  /// Number of CONTINUATION frames; frames() has none, since libnghttp2 merges them into HEADERS.
  int continuations() const { return continuations_; }
  bool HasEnded(std::int32_t stream) const { return ended_.contains(stream); }
  /// Headers and trailers of a stream; of several with the same name, the last.
  const std::map<std::string, std::string>& headers(std::int32_t stream) {
    return headers_[stream];
  }
  /// Only the trailers of a stream.
  const std::map<std::string, std::string>& trailers(std::int32_t stream) {
    return trailers_[stream];
  }
  const std::string& data(std::int32_t stream) { return data_[stream]; }
  std::uint32_t RemoteSetting(nghttp2_settings_id id) const {
    return nghttp2_session_get_remote_settings(session_.get(), id);
  }
  /// The HTTP/2 error code that libnghttp2 sent in GOAWAY or RST_STREAM; 0: none.
  std::uint32_t complaint() const { return complaint_; }
  /// The error that libnghttp2 returned, below zero, such as NGHTTP2_ERR_FLOODED; 0: none.
  ssize_t failure() const { return failure_; }
  /// The peer has ended the connection.
  bool closed() const { return closed_; }

 private:
  void SetCallbacks(nghttp2_session_callbacks* callbacks);
  bool Send();
  bool Receive();
  void Note(const nghttp2_frame& frame);

  fixture::UniqueFd socket_;
  std::unique_ptr<nghttp2_session, decltype(&nghttp2_session_del)> session_;
  std::vector<SeenFrame> frames_;
  std::map<std::int32_t, std::uint32_t> ended_;  // stream to the error code of its end
  std::map<std::int32_t, std::map<std::string, std::string>> headers_;
  std::map<std::int32_t, std::map<std::string, std::string>> trailers_;
  std::map<std::int32_t, std::string> data_;
  std::list<std::string> bodies_;  // of requests, without the bytes already sent
  std::uint32_t complaint_ = 0;
  ssize_t failure_ = 0;
  int continuations_ = 0;
  bool closed_ = false;
};

}  // namespace zlayer::fakes
