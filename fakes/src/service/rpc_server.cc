#include "fakes/src/service/rpc_server.h"

#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_posix.h>

#include "fakes/src/process/memory_bound.h"
#include "fakes/src/service/build_service.h"
#include "fakes/src/service/other_calls.h"
#include "fakes/src/service/rpc_interceptor.h"

namespace zlayer::fakes::daemon {

class RpcServer::State {
 public:
  State(const DaemonFlags& flags, ScriptSource scripts, Journal& journal, Activity& activity)
      : service_(flags, std::move(scripts)) {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::ServerBuilder builder;
    // Clients that send more at once wait: without a quota the plan's memory limit would end the
    // process.
    grpc::ResourceQuota quota;
    builder.SetResourceQuota(quota.Resize(MemoryLeft() / 2));
    builder.RegisterService(&service_);
    builder.RegisterCallbackGenericService(&other_calls_);
    for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
      builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
    }
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>>
        interceptors;
    interceptors.push_back(NewRpcInterceptor(journal, activity, numbers_));
    builder.experimental().SetInterceptorCreators(std::move(interceptors));
    server_ = builder.BuildAndStart();
    server_->GetHealthCheckService()->SetServingStatus(kHealthName, true);
  }

  ConnectionNumbers numbers_;
  BuildService service_;
  OtherCalls other_calls_;
  std::unique_ptr<grpc::Server> server_;
};

RpcServer::RpcServer(const DaemonFlags& flags, ScriptSource scripts, Journal& journal,
                     Activity& activity)
    : state_(std::make_unique<State>(flags, std::move(scripts), journal, activity)) {}

RpcServer::~RpcServer() = default;

void RpcServer::Adopt(UniqueFd connection, std::uint32_t number) {
  state_->numbers_.Set(connection.get(), number);
  grpc::AddInsecureChannelFromFd(state_->server_.get(), connection.Release());
}

void RpcServer::SetServing(bool serving) {
  state_->other_calls_.SetServing(serving);
  state_->server_->GetHealthCheckService()->SetServingStatus(serving);
}

void RpcServer::SignalSteps() { state_->service_.SignalSteps(); }
std::uint32_t RpcServer::ReleaseHold(const std::string& request_id) {
  return state_->service_.ReleaseHold(request_id);
}

void RpcServer::Drain(std::chrono::milliseconds limit) {
  state_->service_.StopHardAfter(limit);
  state_->server_->Shutdown(std::chrono::system_clock::now() + limit);
}

}  // namespace zlayer::fakes::daemon
