// A gRPC status as text for an error message.

#pragma once

#include <string>

namespace grpc {
class Status;
}

namespace zlayer::sidecar {

/// Code and message in one line, such as "UNAVAILABLE: Socket closed".
std::string StatusText(const grpc::Status& status);

}  // namespace zlayer::sidecar
