#include "fakes/src/service/rpc_server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/server_posix.h>

#include <algorithm>
#include <chrono>

#include "fakes/src/service/build_service.h"
#include "fakes/src/service/rpc_witness.h"

namespace zlayer::fakes {

class RpcServer::State {
 public:
  State(const DaemonFlags& flags, const v1::FaultPlan& plan, Journal& journal, Activity& activity)
      : service_(flags, plan), activity_(activity) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    builder.RegisterService(&service_);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> witnesses;
    witnesses.push_back(NewRpcWitness(journal, activity));
    builder.experimental().SetInterceptorCreators(std::move(witnesses));
    server_ = builder.BuildAndStart();
    // The name under which the deployed daemon reports, which is not the service's own.
    server_->GetHealthCheckService()->SetServingStatus("zlayer.buildd.v1.BuildService", true);
  }

  BuildService service_;
  const Activity& activity_;
  std::unique_ptr<grpc::Server> server_;
};

RpcServer::RpcServer(const DaemonFlags& flags, const v1::FaultPlan& plan, Journal& journal,
                     Activity& activity)
    : state_(std::make_unique<State>(flags, plan, journal, activity)) {}

RpcServer::~RpcServer() = default;

void RpcServer::Adopt(UniqueFd connection) {
  grpc::AddInsecureChannelFromFd(state_->server_.get(), connection.Release());
}

bool RpcServer::Drain(int limit_ms) {
  // gRPC waits for each peer to answer a ping. A gRPC client in C++ that nobody calls answers only
  // every five seconds.
  constexpr int kIdlePeerMs = 10;
  const bool busy = state_->activity_.busy();
  const auto limit = std::chrono::milliseconds(busy ? limit_ms : std::min(limit_ms, kIdlePeerMs));
  const auto begun = std::chrono::steady_clock::now();
  state_->server_->Shutdown(std::chrono::system_clock::now() + limit);
  return !busy || std::chrono::steady_clock::now() - begun < limit;
}

}  // namespace zlayer::fakes
