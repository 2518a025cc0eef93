// A gRPC status for people.

#pragma once

#include <string>

namespace grpc {
class Status;
}

namespace zlayer::sidecar {

/// "UNAVAILABLE: Socket closed", in one line.
std::string StatusText(const grpc::Status& status);

}  // namespace zlayer::sidecar
