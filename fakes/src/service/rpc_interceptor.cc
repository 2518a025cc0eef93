#include "fakes/src/service/rpc_interceptor.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include <string_view>

#include "zlayer/proto/buildah_sidecar.pb.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using grpc::experimental::InterceptionHookPoints;
using grpc::experimental::Interceptor;
using grpc::experimental::InterceptorBatchMethods;
using grpc::experimental::ServerRpcInfo;

/// Unknown methods of BuildService are no calls.
RpcKind KindOf(std::string_view method) {
  static const google::protobuf::ServiceDescriptor& service =
      *buildah_sidecar::v1::BuildRequest::descriptor()->file()->service(0);
  const std::string head = "/" + service.full_name() + "/";
  if (!method.starts_with(head)) return RpcKind::other;
  const std::string name(method.substr(head.size()));
  if (!service.FindMethodByName(name)) return RpcKind::other;
  return name == "Build" ? RpcKind::build : RpcKind::call;
}

/// How gRPC C++ ends calls of its callback services whose request it cannot decode.
bool IsUnreadable(std::string_view method, RpcKind kind, const grpc::Status& status) {
  return (kind != RpcKind::other && status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
          status.error_message().empty()) ||
         (method.starts_with("/grpc.health.v1.Health/") &&
          status.error_code() == grpc::StatusCode::INVALID_ARGUMENT);
}

class RpcInterceptor : public Interceptor {
 public:
  RpcInterceptor(std::string method, Journal& journal, Activity& activity)
      : method_(std::move(method)), kind_(KindOf(method_)), journal_(journal), activity_(activity) {
    activity_.RpcStarted(kind_);
  }

  /// gRPC destroys the interceptor with the call, after it has written the status to the
  /// connection.
  ~RpcInterceptor() override { activity_.RpcEnded(kind_); }

  void Intercept(InterceptorBatchMethods* batch) override {
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_INITIAL_METADATA)) {
      Started(batch->QueryInterceptionHookPoint(InterceptionHookPoints::POST_RECV_MESSAGE)
                  ? batch->GetRecvMessage()
                  : nullptr);
    }
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_STATUS)) {
      if (IsUnreadable(method_, kind_, batch->GetSendStatus())) {
        batch->ModifySendStatus({grpc::StatusCode::INTERNAL, "the request is no valid message"});
      }
      Ended(batch->GetSendStatus());
    }
    batch->Proceed();
  }

 private:
  void Started(const void* request) {
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_rpc_started()->set_method(method_);
      if (!request || kind_ == RpcKind::other) return;
      entry.mutable_rpc_started()->set_detail(
          static_cast<const google::protobuf::Message*>(request)->ShortDebugString());
    });
  }

  void Ended(const grpc::Status& status) {
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_rpc_ended()->set_method(method_);
      entry.mutable_rpc_ended()->set_code(status.error_code());
      entry.mutable_rpc_ended()->set_message(status.error_message());
    });
  }

  const std::string method_;
  const RpcKind kind_;
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
