// Checks the text of a request before it is sent.

#pragma once

#include "zlayer/sidecar/error.h"

namespace google::protobuf {
class Message;
}

namespace zlayer::sidecar {

/// Checks that every `string` field of `request` is UTF-8, as proto3 demands. Paths of Linux need
/// not be. libprotobuf would send such text all the same and complain on the stderr of the host
/// program, and the daemon would refuse it as if it did not know the RPC. The error is
/// config_invalid and names the field, but not its content, which can be a secret.
Result<void> CheckRequestText(const google::protobuf::Message& request);

}  // namespace zlayer::sidecar
