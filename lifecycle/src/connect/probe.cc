#include "lifecycle/src/connect/probe.h"

#include <grpcpp/channel.h>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/grpc_deadline.h"
#include "lifecycle/src/connect/status_text.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;

/// How long a failed call waits for the end of its connection, which comes shortly before or after
/// it. The relay then knows the reason, such as an alert; gRPC says only "Stream removed".
constexpr std::chrono::milliseconds kEndFollowsStatus{50};

/// gRPC itself uses these codes for a broken connection. A server can send them, too.
bool MayBeFromGrpc(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNKNOWN ||
         status.error_code() == grpc::StatusCode::UNAVAILABLE;
}

/// `in_time`: the call ended before the deadline, by itself or by a cancel.
LifecycleError ProbeError(bool in_time, const grpc::Status& status, const Address& address,
                          const DialLimit& limit, const ProbedConnection& connection,
                          const StartWait& wait) {
  constexpr std::string_view kDoing = "waiting for the first answer";
  if (wait.stop().stop_requested()) {
    return DialCutShort(address, limit, Waited::cancelled, kDoing);
  }
  if (MayBeFromGrpc(status)) connection.liveness.WaitForEnd(DeadlineIn(kEndFollowsStatus));
  if (const auto end = connection.relay.End()) return TlsRefusal(address, *end, "");
  if (!in_time) return DialCutShort(address, limit, Waited::timeout, kDoing);
  return Fail(ErrorKind::dial_failed, "the server at {} answered the first RPC with {}",
              address.ToString(), StatusText(status))
      .value();
}

}  // namespace

Probe::Probe(const std::shared_ptr<grpc::Channel>& channel)
    : call_(BuildService::NewStub(channel)->AsyncHealth(&context_, HealthRequest(), &queue_)) {
  call_->Finish(&response_, &status_, nullptr);
}

Probe::~Probe() {
  if (!finished_) {
    context_.TryCancel();
    AwaitStatus(gpr_inf_future(GPR_CLOCK_MONOTONIC));
  }
  queue_.Shutdown();
}

Result<void> Probe::Await(const Address& address, const DialLimit& limit,
                          const ProbedConnection& connection, StartWait* wait) {
  const std::stop_callback cancel(wait->stop(), [this] { context_.TryCancel(); });
  const bool in_time = AwaitStatus(GrpcDeadline(limit.deadline));
  if (!in_time) {
    context_.TryCancel();
    AwaitStatus(gpr_inf_future(GPR_CLOCK_MONOTONIC));
  }
  if (!status_.ok()) {
    return tl::unexpected(ProbeError(in_time, status_, address, limit, connection, *wait));
  }
  if (response_.status() != HealthResponse::SERVING) {
    return Fail(ErrorKind::dial_failed, "the server at {} is up but not serving: {} \"{}\"",
                address.ToString(), HealthResponse::Status_Name(response_.status()),
                Escaped(response_.detail()));
  }
  return {};
}

bool Probe::AwaitStatus(gpr_timespec until) {
  void* tag = nullptr;
  bool ok = false;
  finished_ = queue_.AsyncNext(&tag, &ok, until) == grpc::CompletionQueue::GOT_EVENT;
  return finished_;
}

}  // namespace zlayer::sidecar
