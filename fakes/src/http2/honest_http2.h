// What the HTTP/2 of the deployed daemon, which is grpc-go's, does otherwise than that of the C++
// gRPC server below: it announces less in its SETTINGS, and ends a connection whose client breaks a
// rule that gRPC in C++ overlooks.
//
// fakes/README.md lists the differences that are left.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/http2/frame_walk.h"

namespace zlayer::fakes::daemon {

/// For one connection. It looks at the bytes on their way and costs no thread. Not thread-safe.
class HonestHttp2 {
 public:
  /// Looks at bytes from the client. Returns how many of them the server may get. If that is not
  /// all, the client has broken a rule: the connection must end with Farewell().
  size_t Admit(std::string_view bytes);

  /// Replaces the server's first frame, which is SETTINGS, in bytes that begin with it. Returns the
  /// new size; 0 when the frame is not complete yet. Call until it returned a size, then pass
  /// everything through Follow().
  size_t Announce(char* bytes, size_t size);
  bool announced() const { return announced_; }

  /// Looks at bytes for the client.
  void Follow(std::string_view bytes);

  /// What the client gets before the end of the connection: GOAWAY, where grpc-go sends it.
  std::string Farewell() const;

 private:
  /// False when the frame breaks a rule.
  bool IsAllowed(const FrameHead& head);
  bool BeginsStream(std::uint32_t stream);

  FrameWalk up_{24};  // behind the client's preface
  FrameWalk down_;
  bool announced_ = false;
  bool broken_ = false;
  std::string complaint_;  // text of the GOAWAY
  std::uint32_t newest_stream_ = 0;
  std::uint32_t unfinished_ = 0;  // the stream whose headers CONTINUATION must go on; 0: none
};

}  // namespace zlayer::fakes::daemon
