#include "fakes/src/service/rpc_interceptor.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <grpcpp/server_context.h>

#include <atomic>
#include <string_view>
#include <utility>

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

/// Replaces each password and token by "(hidden)".
void HideSecrets(buildah_sidecar::v1::PushAuth* auth) {
  for (std::string* secret :
       {auth->mutable_password(), auth->mutable_identity_token(), auth->mutable_registry_token()}) {
    if (!secret->empty()) *secret = "(hidden)";
  }
}

template <typename Request>
std::string WithoutSecrets(const google::protobuf::Message& request) {
  auto shown = static_cast<const Request&>(request);
  if (shown.has_auth()) HideSecrets(shown.mutable_auth());
  return shown.ShortDebugString();
}

std::string DetailOf(const google::protobuf::Message& request) {
  using buildah_sidecar::v1::ManifestPushRequest;
  using buildah_sidecar::v1::PushRequest;
  const auto* type = request.GetDescriptor();
  if (type == PushRequest::descriptor()) return WithoutSecrets<PushRequest>(request);
  if (type == ManifestPushRequest::descriptor())
    return WithoutSecrets<ManifestPushRequest>(request);
  return request.ShortDebugString();
}

class RpcInterceptor : public Interceptor {
 public:
  RpcInterceptor(ServerRpcInfo& info, std::uint32_t number, Journal& journal, Activity& activity,
                 const ConnectionNumbers& numbers)
      : info_(info),
        method_(info.method()),
        kind_(KindOf(method_)),
        number_(number),
        journal_(journal),
        activity_(activity),
        numbers_(numbers) {
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
    if (batch->QueryInterceptionHookPoint(InterceptionHookPoints::PRE_SEND_MESSAGE) &&
        method_.starts_with("/grpc.health.v1.")) {
      activity_.HealthAnswered();
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
    connection_ = numbers_.Of(info_.server_context()->peer());
    journal_.Write([&](v1::JournalEntry& entry) {
      v1::RpcStarted* started = entry.mutable_rpc_started();
      started->set_method(method_);
      started->set_rpc(number_);
      started->set_connection(connection_);
      if (!request || kind_ == RpcKind::other) return;
      started->set_detail(DetailOf(*static_cast<const google::protobuf::Message*>(request)));
    });
  }

  void Ended(const grpc::Status& status) {
    activity_.RpcAnswered();
    journal_.Write([&](v1::JournalEntry& entry) {
      entry.mutable_rpc_ended()->set_method(method_);
      entry.mutable_rpc_ended()->set_code(status.error_code());
      entry.mutable_rpc_ended()->set_message(status.error_message());
      entry.mutable_rpc_ended()->set_rpc(number_);
      entry.mutable_rpc_ended()->set_connection(connection_);
    });
  }

  ServerRpcInfo& info_;
  const std::string method_;
  const RpcKind kind_;
  const std::uint32_t number_;
  Journal& journal_;
  Activity& activity_;
  const ConnectionNumbers& numbers_;
  std::uint32_t connection_ = 0;
};

class RpcInterceptorFactory : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  RpcInterceptorFactory(Journal& journal, Activity& activity, const ConnectionNumbers& numbers)
      : journal_(journal), activity_(activity), numbers_(numbers) {}

  Interceptor* CreateServerInterceptor(ServerRpcInfo* info) override {
    return new RpcInterceptor(*info, ++rpcs_, journal_, activity_, numbers_);
  }

 private:
  std::atomic<std::uint32_t> rpcs_ = 0;
  Journal& journal_;
  Activity& activity_;
  const ConnectionNumbers& numbers_;
};

}  // namespace

std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewRpcInterceptor(
    Journal& journal, Activity& activity, const ConnectionNumbers& numbers) {
  return std::make_unique<RpcInterceptorFactory>(journal, activity, numbers);
}

}  // namespace zlayer::fakes::daemon
