#include "lifecycle/src/share/loss.h"

#include <signal.h>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

constexpr std::chrono::milliseconds kExitFollowsClose{250};

/// Whether a signal of ours ended the process. A lost sidecar is stopped when nobody uses it.
bool EndedByUs(const StopReport& end) { return end.escalated || end.signal == SIGTERM; }

}  // namespace

std::shared_ptr<Loss> Loss::Of(const std::shared_ptr<SidecarProcess>& process,
                               const std::shared_ptr<TlsRelay>& relay, std::string address) {
  std::shared_ptr<Loss> loss(new Loss(process, relay, std::move(address)));
  if (process) {
    process->WhenEnded([loss, weak = std::weak_ptr(process)] {
      const auto ended = weak.lock();
      if (ended) loss->ProcessEnded(ended->End().value_or(StopReport{}), ended->StderrTail());
    });
  }
  return loss;
}

void Loss::ProcessEnded(const StopReport& end, std::string stderr_tail) {
  const std::lock_guard lock(mutex_);
  end_ = end;
  stderr_tail_ = std::move(stderr_tail);
  process_ended_.notify_all();
}

void Loss::Happened() {
  const auto process = process_.lock();
  const auto relay = relay_.lock();
  const auto closed = relay ? relay->End() : std::nullopt;
  First first = First::announcement;
  if (process && process->End()) {
    first = First::process_ended;
  } else if (closed) {
    first = First::connection_ended;
    reason_ = closed->reason;
  }
  lived_ = Clock::now() - since_;
  first_.store(first, std::memory_order_release);
}

std::optional<StopReport> Loss::AwaitProcess() const {
  if (!has_process_) return std::nullopt;
  std::unique_lock lock(mutex_);
  process_ended_.wait_until(lock, DeadlineIn(kExitFollowsClose),
                            [this] { return end_.has_value(); });
  return end_;
}

std::string Loss::StderrTail() const {
  if (const auto process = process_.lock()) return process->StderrTail();
  const std::lock_guard lock(mutex_);
  return stderr_tail_;
}

LifecycleError Loss::Why() const {
  std::optional<StopReport> end = AwaitProcess();
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
    what = fmt::format("the connection to the sidecar at {} ended: {}", address_, reason_);
    if (end) what += fmt::format("; the sidecar {}", how);
  }
  LifecycleError error = Fail(ErrorKind::sidecar_lost, "{}", what).value();
  if (end) {
    error.exit_code = end->exit_code;
    error.signal = end->signal;
  }
  error.stderr_tail = StderrTail();
  return error;
}

}  // namespace zlayer::sidecar
