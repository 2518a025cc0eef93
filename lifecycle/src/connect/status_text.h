// A gRPC status as text for an error message.

#pragma once

#include <string>

namespace grpc {
class Status;
}

namespace zlayer::sidecar {

/// Code and message, such as "UNAVAILABLE: Socket closed". The message is the server's, so it is
/// escaped and shortened.
std::string StatusText(const grpc::Status& status);

}  // namespace zlayer::sidecar
