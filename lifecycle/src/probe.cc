#include "probe.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel_posix.h>

#include "make_error.h"
#include "status_text.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;

/// gRPC ends its calls a little before or after the connection that it gives up, and then has no
/// better words than "Stream removed".
constexpr std::chrono::milliseconds kEndFollowsStatus{50};

bool MayBeGrpcsOwn(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNKNOWN ||
         status.error_code() == grpc::StatusCode::UNAVAILABLE;
}

LifecycleError ProbeError(const grpc::Status& status, const Address& address,
                          const DialLimit& limit, const ProbedConnection& connection,
                          const StartWait& wait) {
  if (wait.stop().stop_requested()) {
    return DialCutShort(address, limit, Waited::cancelled, "waiting for the first answer");
  }
  if (MayBeGrpcsOwn(status)) connection.liveness.WaitForEnd(Clock::now() + kEndFollowsStatus);
  if (const auto end = connection.relay.End()) return TlsRefusal(address, *end, "");
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED) {
    return DialCutShort(address, limit, Waited::timeout, "waiting for the first answer");
  }
  return Fail(ErrorKind::dial_failed, "the server at {} answered the first RPC with {}",
              address.ToString(), StatusText(status))
      .value();
}

}  // namespace

std::shared_ptr<grpc::Channel> MakeChannel(UniqueFd socket) {
  return grpc::CreateInsecureChannelFromFd("zlayer-buildd", socket.release());
}

Result<void> Probe(const std::shared_ptr<grpc::Channel>& channel, const Address& address,
                   const DialLimit& limit, const ProbedConnection& connection, StartWait* wait) {
  const auto stub = BuildService::NewStub(channel);
  grpc::ClientContext context;
  // gRPC's deadlines are in wall time unless made from what is left.
  const auto left =
      std::chrono::duration_cast<std::chrono::nanoseconds>(limit.deadline - Clock::now());
  context.set_deadline(
      gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_nanos(left.count(), GPR_TIMESPAN)));
  const std::stop_callback cancel(wait->stop(), [&context] { context.TryCancel(); });
  HealthResponse response;
  const grpc::Status status = stub->Health(&context, HealthRequest(), &response);
  if (!status.ok()) return tl::unexpected(ProbeError(status, address, limit, connection, *wait));
  if (response.status() != HealthResponse::SERVING) {
    return Fail(ErrorKind::dial_failed, "the server at {} is up but not serving: {} {}",
                address.ToString(), HealthResponse::Status_Name(response.status()),
                response.detail());
  }
  return {};
}

}  // namespace zlayer::sidecar
