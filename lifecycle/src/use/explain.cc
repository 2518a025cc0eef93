// Why a call on a sidecar failed. What the supervisor saw of the process and of the connection
// outweighs the status that gRPC reports.

#include <grpcpp/support/status.h>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/connect/status_text.h"
#include "lifecycle/src/share/sidecar.h"

namespace zlayer::sidecar {
namespace {

/// The ends of a call, of its connection and of the process become known in any order. After a
/// failed call Explain waits this long for the end of the connection, and then for that of the
/// process.
constexpr std::chrono::milliseconds kEndFollowsStatus{250};
constexpr std::chrono::milliseconds kExitFollowsClose{250};

/// Whether the sidecar has ended or announced its end. Waits for that only if the status suggests
/// it.
bool HasEnded(const Sidecar::Parts& parts, const grpc::Status& status) {
  if (!parts.liveness->alive()) return true;
  // gRPC reports UNAVAILABLE if a connection breaks or its peer has sent GOAWAY, and CANCELLED if a
  // daemon that exits cancels the call.
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE &&
      status.error_code() != grpc::StatusCode::CANCELLED) {
    return false;
  }
  return parts.liveness->WaitForEnd(Clock::now() + kEndFollowsStatus);
}

std::string HowItEnded(const Sidecar::Parts& parts, const std::optional<StopReport>& end) {
  if (end) return fmt::format("the sidecar {}", SidecarProcess::Describe(*end));
  const auto closed = parts.relay->End();
  return fmt::format("the connection to the sidecar at {} ended: {}", parts.address,
                     closed ? closed->reason : "its process has ended");
}

LifecycleError Lost(const Sidecar::Parts& parts, const grpc::Status& status) {
  std::optional<StopReport> end;
  if (parts.process) end = parts.process->WaitForEndUntil(Clock::now() + kExitFollowsClose);
  LifecycleError error = Fail(ErrorKind::sidecar_lost, "{}; the call failed with {}",
                              HowItEnded(parts, end), StatusText(status))
                             .value();
  if (end) {
    error.exit_code = end->exit_code;
    error.signal = end->signal;
  }
  error.retryable = true;
  return error;
}

ErrorKind KindOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return ErrorKind::rpc_timeout;
    case grpc::StatusCode::CANCELLED:
      return ErrorKind::cancelled;
    default:
      return ErrorKind::rpc_failed;
  }
}

}  // namespace

LifecycleError LiveSidecar::Explain(const grpc::Status& status) const {
  const Sidecar::Parts& parts = sidecar_->parts();
  LifecycleError error = HasEnded(parts, status)
                             ? Lost(parts, status)
                             : Fail(KindOf(status), "the call to the sidecar at {} failed with {}",
                                    parts.address, StatusText(status))
                                   .value();
  error.stderr_tail = StderrTail();
  return error;
}

}  // namespace zlayer::sidecar
