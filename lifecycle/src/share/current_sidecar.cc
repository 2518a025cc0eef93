#include "lifecycle/src/share/current_sidecar.h"

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {
namespace {

/// Whether a failed start counts for the backoff: the process was started and did not work. Errors
/// of the configuration, of files and of the spawn do not count.
bool IsCrash(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::exited_before_handshake:
    case ErrorKind::handshake_malformed:
    case ErrorKind::handshake_timeout:
    case ErrorKind::handshake_io:
    case ErrorKind::address_invalid:
    case ErrorKind::address_not_loopback:
    case ErrorKind::dial_failed:
    case ErrorKind::dial_timeout:
    case ErrorKind::server_rejected:
    case ErrorKind::client_rejected:
    case ErrorKind::sidecar_lost:
      return true;
    default:
      return false;
  }
}

bool IsAlive(const Sidecar& sidecar) { return sidecar.parts().liveness->alive(); }

/// RestartLimits::worked_after, which may be milliseconds::max(), in the clock's unit.
Clock::duration WorkedAfter(const RestartLimits& limits) {
  return DeadlineIn(limits.worked_after, Deadline()).time_since_epoch();
}

LifecycleError Lost(const StopReport& end, const Loss& loss, std::string stderr_tail) {
  const bool crashed = end.exit_code != 0 || loss.first() != Loss::First::connection_ended;
  LifecycleError error =
      Fail(ErrorKind::sidecar_lost, "the sidecar {}, {} ms after it was ready",
           crashed ? SidecarProcess::Describe(end) : "ended its connection unannounced",
           std::chrono::duration_cast<std::chrono::milliseconds>(loss.lived()).count())
          .value();
  error.exit_code = end.exit_code;
  error.signal = end.signal;
  error.stderr_tail = std::move(stderr_tail);
  return error;
}

}  // namespace

std::shared_ptr<Sidecar> CurrentSidecar::Get() const { return current_.GetIf(&IsAlive); }

std::optional<LifecycleError> CurrentSidecar::Refusal() const {
  const std::lock_guard lock(mutex_);
  return crash_loop_.Refusal(Clock::now());
}

std::shared_ptr<Sidecar> CurrentSidecar::Set(std::shared_ptr<Sidecar> sidecar) {
  const Sidecar::Parts& parts = sidecar->parts();
  if (parts.process) {
    // Weak references: the process keeps the callback until it has ended, and the callback must
    // keep neither the process nor this object alive.
    parts.process->WhenEnded(
        [weak = weak_from_this(), process = std::weak_ptr(parts.process), loss = parts.loss] {
          const auto current = weak.lock();
          const auto ended = process.lock();
          if (current && ended) current->Ended(*ended, *loss);
        });
  }
  bool again = false;
  std::shared_ptr<Sidecar> before;
  {
    const std::lock_guard lock(mutex_);
    again = std::exchange(missing_, false);
    before = current_.Exchange(sidecar);
    if (!IsAlive(*sidecar)) {  // DropLost has run already
      missing_ = true;
      current_.Exchange(nullptr);
    }
  }
  if (on_event_) on_event_(StartedEvent(*sidecar, again));
  return before;
}

void CurrentSidecar::Ended(const SidecarProcess& process, const Loss& loss) {
  const StopReport end = process.End().value_or(StopReport{});
  const Loss::First first = loss.first();
  // The idle exit is announced, and has status 0. A sidecar that ends its connection unannounced
  // has not served, even if it exits with 0 at the SIGTERM that it gets then.
  const bool left_in_order = end.exit_code == 0 && first != Loss::First::connection_ended;
  if (first == Loss::First::nothing || left_in_order || loss.lived() >= WorkedAfter(limits_)) {
    const std::lock_guard lock(mutex_);
    crash_loop_.Worked();
  } else {
    CountFailure(Lost(end, loss, process.StderrTail()));
  }
}

void CurrentSidecar::Failed(const LifecycleError& error) {
  {
    const std::lock_guard lock(mutex_);
    missing_ = true;
  }
  if (!remote_ && IsCrash(error.kind)) CountFailure(error);
}

void CurrentSidecar::CountFailure(LifecycleError cause) {
  const auto now = Clock::now();
  std::optional<LifecycleError> pause;
  {
    const std::lock_guard lock(mutex_);
    crash_loop_.Failed(now, std::move(cause));
    pause = crash_loop_.Refusal(now);
  }
  if (pause && on_event_) on_event_({LifecycleEvent::Kind::gave_up, pause->message});
}

void CurrentSidecar::Drop() {
  const std::lock_guard dropping(dropping_);
  std::shared_ptr<Sidecar> dropped;  // destroyed without mutex_
  const std::lock_guard lock(mutex_);
  dropped = current_.Exchange(nullptr);
}

void CurrentSidecar::DropLost() {
  const std::lock_guard dropping(dropping_);
  std::shared_ptr<Sidecar> lost;  // destroyed without mutex_
  const std::lock_guard lock(mutex_);
  if (!current_.whole() || IsAlive(*current_.whole())) return;
  missing_ = true;
  lost = current_.Exchange(nullptr);
}

}  // namespace zlayer::sidecar
