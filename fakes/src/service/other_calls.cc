#include "fakes/src/service/other_calls.h"

#include <string>
#include <string_view>

#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::string_view kHealth = "grpc.health.v1.Health";

/// A length-delimited field of protobuf. `bytes` must have less than 128.
std::string Field(int number, std::string_view bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} +
         std::string(bytes);
}

/// A HealthListResponse (grpc/health/v1/health.proto): a map of names to HealthCheckResponse. This
/// version of gRPC has no such message.
std::string ListResponse(bool serving) {
  const std::string check = {1 << 3, static_cast<char>(serving ? 1 : 2)};
  std::string response;
  for (const std::string_view name : {"", kHealthName}) {
    response += Field(1, Field(1, name) + Field(2, check));
  }
  return response;
}

/// Ends a call without a look at its request.
class Refusal : public grpc::ServerGenericBidiReactor {
 public:
  explicit Refusal(const std::string& why) {
    Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, why));
  }

  void OnDone() override { delete this; }
};

/// Answers one request with one message.
class Answer : public grpc::ServerGenericBidiReactor {
 public:
  explicit Answer(const std::string& message) {
    const grpc::Slice slice(message);
    response_ = grpc::ByteBuffer(&slice, 1);
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status(grpc::StatusCode::INTERNAL, "the request has no message"));
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

std::string WhyUnknown(std::string_view service, std::string_view method) {
  if (service != buildah_sidecar::v1::BuildService::service_full_name() && service != kHealth) {
    return "unknown service " + std::string(service);
  }
  return "unknown method " + std::string(method) + " for service " + std::string(service);
}

}  // namespace

grpc::ServerGenericBidiReactor* OtherCalls::CreateReactor(
    grpc::GenericCallbackServerContext* context) {
  const std::string path = context->method();
  const size_t slash = path.rfind('/');
  if (!path.starts_with('/') || slash == 0) return new Refusal("malformed method name: " + path);
  const std::string service = path.substr(1, slash - 1);
  const std::string method = path.substr(slash + 1);
  if (service == kHealth && method == "List") return new Answer(ListResponse(serving_));
  return new Refusal(WhyUnknown(service, method));
}

}  // namespace zlayer::fakes::daemon
