// Calls that gRPC C++ does not answer as the deployed daemon does: unknown methods and services,
// and List of grpc.health.v1.

#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>

namespace zlayer::fakes::daemon {

/// The name under which the deployed daemon reports its health. It is not its service's name.
inline constexpr char kHealthName[] = "zlayer.buildd.v1.BuildService";

/// Gets every call that no registered service takes. Thread-safe.
class OtherCalls : public grpc::CallbackGenericService {
 public:
  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override;

  /// What List says of all services.
  void SetServing(bool serving) { serving_ = serving; }

 private:
  std::atomic<bool> serving_ = true;
};

}  // namespace zlayer::fakes::daemon
