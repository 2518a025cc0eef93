// Why a call on a sidecar failed. What the supervisor saw of the process and of the connection
// outweighs a status that gRPC makes itself when they end; it does not outweigh an answer.

#include <grpcpp/support/status.h>

#include "lifecycle/src/base/forked.h"
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

/// Whether the call failed because the sidecar went away. Waits for the sidecar's end if there is
/// reason to. A status that only a server gives, or the call's own deadline, stands whatever has
/// become of the sidecar since: the call was answered, and must not be made again.
bool WasLost(const Sidecar::Parts& parts, const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE:  // gRPC's own if the connection breaks, or after GOAWAY
      if (parts.liveness->WaitForEnd(DeadlineIn(kEndFollowsStatus))) return true;
      // It lives, but has announced its end: it refuses new calls, and ends those under way.
      return parts.liveness->leaving();
    case grpc::StatusCode::CANCELLED:  // from a daemon that exits
      return parts.liveness->WaitForEnd(DeadlineIn(kEndFollowsStatus));
    case grpc::StatusCode::UNKNOWN: {  // gRPC's own for some calls on a broken connection
      const auto end = parts.relay->End();
      return end && end->cut_calls;
    }
    default:
      return false;
  }
}

std::string HowItEnded(const Sidecar::Parts& parts, const std::optional<StopReport>& end) {
  if (end) return fmt::format("the sidecar {}", SidecarProcess::Describe(*end));
  if (const auto closed = parts.relay->End()) {
    return fmt::format("the connection to the sidecar at {} ended: {}", parts.address,
                       closed->reason);
  }
  return fmt::format("the sidecar at {} {}", parts.address,
                     parts.liveness->leaving()
                         ? "takes no more calls: it announced its end, or its connection broke"
                         : "has ended");
}

LifecycleError Lost(const Sidecar::Parts& parts, const grpc::Status& status) {
  std::optional<StopReport> end;
  if (parts.process) end = parts.process->WaitForEndUntil(DeadlineIn(kExitFollowsClose));
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
  if (InForkedChild()) return ForkedChildError();
  const Sidecar::Parts& parts = sidecar_->parts();
  LifecycleError error = WasLost(parts, status)
                             ? Lost(parts, status)
                             : Fail(KindOf(status), "the call to the sidecar at {} failed with {}",
                                    parts.address, StatusText(status))
                                   .value();
  error.stderr_tail = StderrTail();
  return error;
}

}  // namespace zlayer::sidecar
