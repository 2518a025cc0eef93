// A gRPC channel over a socket pair: HTTP/2 in plaintext, for a relay to carry.

#pragma once

#include <memory>

#include "unique_fd.h"
#include "zlayer/sidecar/error.h"

namespace grpc {
class Channel;
}

namespace zlayer::sidecar {

struct PlainChannel {
  /// Never connects anywhere else. Ends with `relay_end`.
  std::shared_ptr<grpc::Channel> channel;
  UniqueFd relay_end;  // non-blocking
};

/// ErrorKind::dial_failed when there is no descriptor to be had.
Result<PlainChannel> MakePlainChannel();

}  // namespace zlayer::sidecar
