#include "fakes/src/service/rpc_interceptor.h"

#include <google/protobuf/message.h>

#include <string_view>

#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

/// True for methods whose request is a protobuf object. gRPC's own health service gives
/// interceptors raw bytes instead.
bool CarriesProtobuf(std::string_view method) { return method.starts_with("/zlayer."); }

class RpcInterceptor : public Interceptor {
 public:
  RpcInterceptor(std::string method, Journal& journal, Activity& activity)
      : method_(std::move(method)), journal_(journal), activity_(activity) {
    activity_.RpcStarted();
  }

  /// gRPC destroys the interceptor with the call, after it has written the status to the
  /// connection.
  ~RpcInterceptor() override { activity_.RpcEnded(); }

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Started(batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)
                  ? batch->GetRecvMessage()
                  : nullptr);
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE) &&
        method_.starts_with("/grpc.health.v1.")) {
      activity_.HealthAnswered();
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      Ended(batch->GetSendStatus());
    }
    batch->Proceed();
  }

 private:
  void Started(const void* request) {
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_rpc_started()->set_method(method_);
      if (!request || !CarriesProtobuf(method_)) return;
      entry.mutable_rpc_started()->set_detail(
          static_cast<const google::protobuf::Message*>(request)->ShortDebugString());
    });
  }

  void Ended(const grpc::Status& status) {
    activity_.RpcAnswered();
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_rpc_ended()->set_method(method_);
      entry.mutable_rpc_ended()->set_code(status.error_code());
      entry.mutable_rpc_ended()->set_message(status.error_message());
    });
  }

  const std::string method_;
  Journal& journal_;
  Activity& activity_;
};

class RpcInterceptorFactory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  RpcInterceptorFactory(Journal& journal, Activity& activity)
      : journal_(journal), activity_(activity) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new RpcInterceptor(info->method(), journal_, activity_);
  }

 private:
  Journal& journal_;
  Activity& activity_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewRpcInterceptor(
    Journal& journal, Activity& activity) {
  return std::make_unique<RpcInterceptorFactory>(journal, activity);
}

}  // namespace zlayer::fakes::daemon
