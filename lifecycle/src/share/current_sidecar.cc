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

LifecycleError Lost(const StopReport& end, Clock::duration lived, std::string stderr_tail) {
  LifecycleError error = Fail(ErrorKind::sidecar_lost, "the sidecar {}, {} ms after it was ready",
                              SidecarProcess::Describe(end),
                              std::chrono::duration_cast<std::chrono::milliseconds>(lived).count())
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

void CurrentSidecar::Set(std::shared_ptr<Sidecar> sidecar) {
  const Sidecar::Parts& parts = sidecar->parts();
  if (parts.process) {
    // Weak references: the process keeps the callback until it has ended, and the callback must
    // keep neither the process nor this object alive.
    parts.process->WhenEnded([weak = weak_from_this(), process = std::weak_ptr(parts.process),
                              liveness = parts.liveness, since = Clock::now()] {
      const auto current = weak.lock();
      const auto ended = process.lock();
      if (current && ended) current->Ended(*ended, *liveness, since);
    });
  }
  std::shared_ptr<Sidecar> before;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  before = current_.Exchange(std::move(sidecar));
}

void CurrentSidecar::Ended(const SidecarProcess& process, const Liveness& liveness,
                           Deadline since) {
  const auto now = Clock::now();
  const StopReport end = process.End().value_or(StopReport{});
  // A sidecar that we let go of, or that exited with status 0 (idle exit), has worked.
  const bool worked = !liveness.lost() || end.exit_code == 0 || now - since >= limits_.worked_after;
  const std::lock_guard lock(mutex_);
  if (worked) {
    crash_loop_.Worked();
  } else {
    crash_loop_.Failed(now, Lost(end, now - since, process.StderrTail()));
  }
}

void CurrentSidecar::Failed(const LifecycleError& error) {
  if (!IsCrash(error.kind)) return;
  const std::lock_guard lock(mutex_);
  crash_loop_.Failed(Clock::now(), error);
}

void CurrentSidecar::Drop() {
  std::shared_ptr<Sidecar> dropped;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  dropped = current_.Exchange(nullptr);
}

void CurrentSidecar::DropLost() {
  std::shared_ptr<Sidecar> lost;  // destroyed without the lock
  const std::lock_guard lock(mutex_);
  if (current_.whole() && !IsAlive(*current_.whole())) lost = current_.Exchange(nullptr);
}

}  // namespace zlayer::sidecar
