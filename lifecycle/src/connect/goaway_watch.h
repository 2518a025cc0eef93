// Detects GOAWAY, the HTTP/2 frame by which a server announces that it will close the connection,
// and tells when no call needs the connection any more.
//
// gRPC does not read a channel made from a descriptor while no call is active. Without this class
// only the next call would meet the GOAWAY of a draining daemon, and would fail; and the daemon
// would wait for gRPC's answer to the PING of its drain.

#pragma once

#include <cstdint>
#include <set>
#include <string_view>

#include "lifecycle/src/connect/frame_reader.h"

namespace zlayer::sidecar {

/// Follows the frames of one HTTP/2 connection (RFC 9113), as the client receives and sends them.
/// It validates nothing: bytes that are not frames can give a wrong answer, but gRPC then closes
/// the connection anyway. Only what the client sends adds to its memory: one stream, one number.
class GoawayWatch {
 public:
  GoawayWatch();

  /// Takes the next bytes of the server. True from the header of the first GOAWAY on.
  bool FromServer(std::string_view bytes);
  /// Takes the next bytes of the client.
  void FromClient(std::string_view bytes);

  /// The streams that the client has opened and that neither side has ended. A stream above the
  /// last one that GOAWAY promises to process does not count.
  size_t open_streams() const { return open_.size(); }
  /// The whole GOAWAY has come, and no stream is open: nothing more will come that a call needs.
  bool Drained() const { return announced_ && open_.empty(); }

 private:
  void OnServerFrame();

  FrameReader server_{0};
  FrameReader client_;
  std::set<std::uint32_t> open_;
  std::uint32_t newest_ = 0;             // the highest stream that the client has opened
  std::uint32_t last_ = 0x7fffffff;      // the highest stream that the server will process
  std::uint32_t ends_with_headers_ = 0;  // the stream that ends with the current header block
  bool seen_ = false;                    // the header of a GOAWAY has come
  bool announced_ = false;               // all of it
};

}  // namespace zlayer::sidecar
