// A fake with a control socket, and gRPC and TLS clients of it.

#pragma once

#include <grpcpp/impl/client_unary_call.h>
#include <gtest/gtest.h>

#include <string>

#include "fakes/tests/control/control_client.h"
#include "fakes/tests/grpc/service_client.h"

namespace zlayer::fakes {

class ControlTest : public ::testing::Test {
 protected:
  std::string Ask(const std::string& request) { return control_.Ask(request); }

  /// Calls Health on the channel that is open since the first call.
  grpc::StatusCode CallHealth() {
    buildah_sidecar::v1::HealthResponse response;
    return service_
        .Call(&buildah_sidecar::v1::BuildService::Stub::Health,
              buildah_sidecar::v1::HealthRequest(), &response)
        .error_code();
  }

  /// What grpc.health.v1 says of the daemon. Its stubs are not generated here: CancelRequest and
  /// HealthResponse have the same encoding.
  bool Serves() {
    const grpc::internal::RpcMethod check("/grpc.health.v1.Health/Check",
                                          grpc::internal::RpcMethod::NORMAL_RPC);
    buildah_sidecar::v1::HealthResponse response;
    const auto context = NewContext();
    const grpc::Status status =
        grpc::internal::BlockingUnaryCall(service_.channel().get(), check, context.get(),
                                          buildah_sidecar::v1::CancelRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response.status() == buildah_sidecar::v1::HealthResponse::SERVING;
  }

  /// Whether a new connection gets through TLS.
  bool Connects() {
    Process client({.program = "openssl", .arguments = ClientArguments(service_.fake(), port_)});
    return client.Wait() == Ended::WithCode(0);
  }

  Service service_{{.control = true}};
  std::string port_ = service_.port();
  ControlClient control_{service_.fake().ControlPath()};
};

}  // namespace zlayer::fakes
