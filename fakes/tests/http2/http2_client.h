// An HTTP/2 client by libnghttp2, in plaintext, that remembers what it got.
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

#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes {

inline constexpr char kHealthPath[] = "/zlayer.buildah_sidecar.v1.BuildService/Health";
inline constexpr char kBuildPath[] = "/zlayer.buildah_sidecar.v1.BuildService/Build";
/// dockerfile_paths: "D"
inline constexpr char kBuildRequest[] =
    "\x1a\x01"
    "D";

/// A plan whose connections this client can read.
inline std::string Plaintext(const std::string& plan) { return plan + " fault { tls_off {} }"; }

class Http2Client {
 public:
  struct SeenFrame {
    int type = 0;
    int flags = 0;
    std::int32_t stream = 0;
    std::uint32_t code = 0;         ///< of RST_STREAM and GOAWAY
    std::int32_t last_stream = -1;  ///< of GOAWAY
    size_t padding = 0;             ///< of DATA, with its length's own byte
  };

  /// Dials and sends SETTINGS.
  explicit Http2Client(const std::string& port);

  /// Begins a gRPC call with this message; its stream.
  std::int32_t Call(const std::string& path, const std::string& message = "");
  void Ping();

  /// Exchanges frames until `done`; false: not with all patience, or the connection ended first.
  bool RunUntil(const std::function<bool()>& done);

  /// Frames that libnghttp2 took for good.
  const std::vector<SeenFrame>& frames() const { return frames_; }
  long Count(int type, int flags = 0) const;
  /// The first of this type; all zero: none.
  SeenFrame First(int type) const;
  /// libnghttp2 makes them part of their HEADERS.
  int continuations() const { return continuations_; }
  bool HasEnded(std::int32_t stream) const { return ended_.contains(stream); }
  /// Everything that came as headers or trailers of a stream, the last of each name.
  const std::map<std::string, std::string>& headers(std::int32_t stream) {
    return headers_[stream];
  }
  /// The trailers alone.
  const std::map<std::string, std::string>& trailers(std::int32_t stream) {
    return trailers_[stream];
  }
  const std::string& data(std::int32_t stream) { return data_[stream]; }
  std::uint32_t RemoteSetting(nghttp2_settings_id id) const {
    return nghttp2_session_get_remote_settings(session_.get(), id);
  }
  /// The error for which libnghttp2 gave the connection or a stream up; 0: none.
  std::uint32_t complaint() const { return complaint_; }
  /// libnghttp2's own error, below zero, such as NGHTTP2_ERR_FLOODED; 0: none.
  ssize_t failure() const { return failure_; }
  /// The peer has ended the connection.
  bool closed() const { return closed_; }

 private:
  void SetCallbacks(nghttp2_session_callbacks* callbacks);
  bool Send();
  bool Receive();
  void Note(const nghttp2_frame& frame);

  UniqueFd socket_;
  std::unique_ptr<nghttp2_session, decltype(&nghttp2_session_del)> session_;
  std::vector<SeenFrame> frames_;
  std::map<std::int32_t, std::uint32_t> ended_;  // with the code of RST_STREAM
  std::map<std::int32_t, std::map<std::string, std::string>> headers_;
  std::map<std::int32_t, std::map<std::string, std::string>> trailers_;
  std::map<std::int32_t, std::string> data_;
  std::list<std::string> bodies_;  // of requests: what of each is still to be sent
  std::uint32_t complaint_ = 0;
  ssize_t failure_ = 0;
  int continuations_ = 0;
  bool closed_ = false;
};

}  // namespace zlayer::fakes
