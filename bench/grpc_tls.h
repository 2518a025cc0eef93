// A channel with gRPC's own TLS credentials, to compare the library's connection with.

#pragma once

#include <memory>
#include <string>

namespace grpc {
class Channel;
}

namespace zlayer::bench {

/// Reads `tls_dir`'s three files, verifies the server as zlayer-buildd, uses no proxy and shares no
/// connection with another channel. Connects at the first call.
std::shared_ptr<grpc::Channel> NewGrpcTlsChannel(const std::string& address,
                                                 const std::string& tls_dir);

}  // namespace zlayer::bench
