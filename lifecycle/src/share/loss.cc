#include "lifecycle/src/share/loss.h"

#include <signal.h>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

constexpr std::chrono::milliseconds kExitFollowsClose{250};

/// Whether a signal of ours ended the process. A lost sidecar is stopped when nobody uses it.
bool EndedByUs(const StopReport& end) { return end.escalated || end.signal == SIGTERM; }

}  // namespace

void Loss::Happened() {
  First first = First::announcement;
  if (process_ && process_->End()) {
    first = First::process_ended;
  } else if (relay_->End()) {
    first = First::connection_ended;
  }
  lived_ = Clock::now() - since_;
  first_.store(first, std::memory_order_release);
}

LifecycleError Loss::Why() const {
  std::optional<StopReport> end;
  if (process_) end = process_->WaitForEndUntil(DeadlineIn(kExitFollowsClose));
  if (end && first() != First::process_ended && EndedByUs(*end)) end.reset();
  const std::string how = end ? SidecarProcess::Describe(*end) : "";
  // An exit with status 0 follows from the loss of the connection, or the other way round. Any
  // other end of the process explains everything.
  const bool crashed = end && end->exit_code != 0;

  std::string what;
  if (first() == First::process_ended || crashed) {
    what = fmt::format("the sidecar {}", how);
  } else if (first() == First::announcement) {
    what = fmt::format("the sidecar at {} announced that it leaves (GOAWAY)", address_);
    if (end) what += fmt::format(" and {}, as after idle_secs without a call", how);
  } else {
    const auto closed = relay_->End();
    what = fmt::format("the connection to the sidecar at {} ended: {}", address_,
                       closed ? closed->reason : "no reason was seen");
    if (end) what += fmt::format("; the sidecar {}", how);
  }
  LifecycleError error = Fail(ErrorKind::sidecar_lost, "{}", what).value();
  if (end) {
    error.exit_code = end->exit_code;
    error.signal = end->signal;
  }
  if (process_) error.stderr_tail = process_->StderrTail();
  return error;
}

}  // namespace zlayer::sidecar
