#include "lifecycle/src/supervise/sidecar_process.h"

#include <signal.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/supervise/handshake.h"
#include "lifecycle/src/text/escaped.h"
#include "lifecycle/src/text/signal_text.h"

namespace zlayer::sidecar {
namespace {

/// The most that is read from a pipe after the process has ended. Its descendants may still write,
/// so end of file may never come. A pipe holds 1 MiB at most (the default of
/// /proc/sys/fs/pipe-max-size), so all that the process itself wrote is read.
constexpr size_t kLastRead = 1024 * 1024;

/// The most of one read(2): what a pipe holds by default.
constexpr size_t kChunk = 64 * 1024;

/// The most that is read from one pipe before the loop serves other descriptors.
constexpr size_t kFairRead = 256 * 1024;

/// When a process exits, its stdout closes a little before its pidfd becomes readable. So after end
/// of file WaitForLine waits this long for the exit. Only then does it report a living process that
/// has closed its stdout.
constexpr std::chrono::milliseconds kExitFollowsEof{250};

/// How long the keeper may take to kill the sidecar before the loop looks after the keeper. A
/// keeper that runs needs well under a millisecond.
constexpr std::chrono::milliseconds kKillAnswered{1'000};

/// Bytes of stderr's end in the one-line message. LifecycleError::stderr_tail has more.
constexpr size_t kStderrShown = 400;

std::string EndOf(std::string_view text, size_t limit) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() > limit) text.remove_prefix(text.size() - limit);
  return Escaped(text, limit);
}

LifecycleError ExitedBeforeLine(const StopReport& end, const std::string& partial,
                                const std::string& stderr_tail) {
  std::string message =
      fmt::format("the sidecar {} before its handshake line", SidecarProcess::Describe(end));
  if (!partial.empty()) message += fmt::format("; its stdout: \"{}\"", Escaped(partial, 120));
  message += stderr_tail.empty()
                 ? "; it wrote nothing to stderr"
                 : fmt::format("; its stderr ends: \"{}\"", EndOf(stderr_tail, kStderrShown));
  return {ErrorKind::exited_before_handshake, std::move(message), end.exit_code, end.signal, {}};
}

}  // namespace

std::shared_ptr<SidecarProcess> SidecarProcess::Adopt(
    EventLoop* loop, Launched launched, std::function<void(std::string_view)> on_stderr_line,
    StderrFlow stderr_flow) {
  std::shared_ptr<SidecarProcess> process(new SidecarProcess(
      loop, std::move(launched), std::move(on_stderr_line), std::move(stderr_flow)));
  loop->Post([process] { process->Watch(); });
  return process;
}

SidecarProcess::SidecarProcess(EventLoop* loop, Launched launched,
                               std::function<void(std::string_view)> on_stderr_line,
                               StderrFlow stderr_flow)
    : loop_(loop),
      handle_(std::move(launched.handle)),
      stdout_(std::move(launched.stdout_pipe)),
      stderr_(std::move(launched.stderr_pipe)),
      stderr_lines_(std::move(on_stderr_line)),
      stderr_flow_(std::move(stderr_flow)) {}

void SidecarProcess::Watch() {
  loop_->Hold();
  // The watch of the pidfd owns this object until OnReady removes it, after the reap. The watches
  // of the pipes are removed before that, so they may use a plain `this`.
  loop_->Watch(pidfd(), EPOLLIN, [self = shared_from_this()](std::uint32_t) { self->OnReady(); });
  loop_->Watch(stdout_.get(), EPOLLIN, [this](std::uint32_t) { ReadStdout(kFairRead); });
  WatchStderr();
}

void SidecarProcess::WatchStderr() {
  paused_ = false;
  loop_->Watch(stderr_.get(), EPOLLIN, [this](std::uint32_t) {
    ReadStderr(kFairRead);
    PauseStderr();
  });
}

/// A pipe that is not watched fills up, and the sidecar waits as for any slow reader.
void SidecarProcess::PauseStderr() {
  if (!stderr_ || !may_be_paused_ || !stderr_flow_.full) return;
  // Weak: what waits for a callback of the user must not keep the descriptors of a process.
  paused_ = stderr_flow_.full([weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->ResumeStderr();
  });
  if (paused_) loop_->Unwatch(stderr_.get());
}

void SidecarProcess::ResumeStderr() {
  const std::lock_guard lock(mutex_);
  if (end_) return;  // the loop may be gone; until the end is set this process holds it
  loop_->Post([self = shared_from_this()] {
    if (self->stderr_ && self->paused_) self->WatchStderr();
  });
}

void SidecarProcess::MayBePaused() {
  const std::lock_guard lock(mutex_);
  if (end_) return;
  loop_->Post([self = shared_from_this()] { self->may_be_paused_ = true; });
}

void SidecarProcess::ReadOn() {
  may_be_paused_ = false;
  if (stderr_ && paused_) WatchStderr();
}

void SidecarProcess::ReadStdout(size_t limit) {
  std::array<char, kChunk> buffer;
  for (size_t total = 0; stdout_ && total < limit;) {
    const ssize_t got = ::read(stdout_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      const int error = got < 0 ? errno : 0;
      CloseStdout();
      const std::lock_guard lock(mutex_);
      stdout_closed_ = true;
      stdout_error_ = error;
      changed_.notify_all();
      return;
    }
    total += static_cast<size_t>(got);
    TakeStdout({buffer.data(), static_cast<size_t>(got)});
  }
}

void SidecarProcess::TakeStdout(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (first_line_.Append(bytes)) changed_.notify_all();
}

void SidecarProcess::ReadStderr(size_t limit) {
  std::array<char, kChunk> buffer;
  for (size_t total = 0; stderr_ && total < limit;) {
    const ssize_t got = ::read(stderr_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      CloseStderr();
      return;
    }
    total += static_cast<size_t>(got);
    const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
    if (!may_be_paused_ && stderr_flow_.overflows && stderr_flow_.overflows()) {
      stderr_lines_.Skip();
    } else {
      stderr_lines_.Append(bytes);
    }
    const std::lock_guard lock(mutex_);
    stderr_tail_.Append(bytes);
  }
}

void SidecarProcess::CloseStdout() {
  if (!stdout_) return;
  loop_->Unwatch(stdout_.get());
  stdout_.reset();
}

void SidecarProcess::CloseStderr() {
  if (!stderr_) return;
  loop_->Unwatch(stderr_.get());
  stderr_.reset();
  stderr_lines_.Finish();
}

Result<std::string> SidecarProcess::WaitForLine(std::chrono::milliseconds limit, Deadline deadline,
                                                std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] {
    return first_line_.complete() || first_line_.too_long() || end_ || stdout_closed_;
  };
  changed_.wait_until(lock, stop, deadline, settled);
  if (stdout_closed_ && !end_ && !first_line_.complete()) {
    const auto until = std::min(deadline, DeadlineIn(kExitFollowsEof));
    changed_.wait_until(lock, stop, until, [this] { return end_.has_value(); });
  }

  const std::string& bytes = first_line_.bytes();
  if (first_line_.complete()) return bytes;
  if (first_line_.too_long()) {
    return tl::unexpected(
        MalformedHandshake(bytes, fmt::format("{} bytes without an end of line", kHandshakeLimit)));
  }
  if (end_) return tl::unexpected(ExitedBeforeLine(*end_, bytes, stderr_tail_.Bytes()));
  if (stop.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled while waiting for the sidecar's handshake line");
  }
  if (stdout_closed_ && stdout_error_ != 0) {
    return Fail(ErrorKind::handshake_io, "cannot read the sidecar's stdout: {}",
                ErrnoText(stdout_error_));
  }
  if (stdout_closed_ && bytes.empty()) {
    return Fail(ErrorKind::handshake_io,
                "the sidecar closed its stdout without a handshake line, and is still running");
  }
  if (stdout_closed_) {
    return tl::unexpected(
        MalformedHandshake(bytes, "an unfinished line (then it closed its stdout)"));
  }
  std::string message =
      fmt::format("the sidecar printed no handshake line within {} ms", limit.count());
  if (!bytes.empty()) message += fmt::format("; so far: \"{}\"", Escaped(bytes, 120));
  return Fail(ErrorKind::handshake_timeout, "{}", message);
}

void SidecarProcess::Terminate(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    if (end_ || stop_requested_) return;
    stop_requested_ = Clock::now();
  }
  loop_->Post([self = shared_from_this(), grace] {
    if (self->End()) return;
    self->ReadOn();
    self->handle_->SignalGroup(SIGTERM);
    self->handle_->SignalGroup(SIGCONT);  // a stopped process takes no SIGTERM
    // A plain pointer is safe: OnReady cancels the timer before the loop lets go of the object.
    self->grace_timer_ = self->loop_->At(DeadlineIn(grace), [process = self.get()] {
      process->grace_timer_.reset();
      {
        const std::lock_guard lock(process->mutex_);
        process->escalated_ = true;
      }
      process->SendKill();
    });
  });
}

void SidecarProcess::Kill() {
  {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    if (!stop_requested_) stop_requested_ = Clock::now();
  }
  loop_->Post([self = shared_from_this()] {
    if (!self->End()) self->SendKill();
  });
}

void SidecarProcess::SendKill() {
  ReadOn();
  handle_->SignalGroup(SIGKILL);
  if (!insist_timer_) InsistLater();
}

/// A plain `this` is safe: OnReady cancels the timer before the loop lets go of the object.
void SidecarProcess::InsistLater() {
  insist_timer_ = loop_->At(DeadlineIn(kKillAnswered), [this] {
    handle_->Insist();
    InsistLater();
  });
}

/// The process has ended. The order matters: first read what the process wrote, then Finish, which
/// kills what still holds the pipes and reaps; then publish the end, and last let go of this
/// object.
void SidecarProcess::OnReady() {
  if (!handle_->Ended()) return;
  const auto noticed = Clock::now();
  ReadStdout(kLastRead);
  ReadStderr(kLastRead);
  const ExitStatus status = handle_->Finish();
  CloseStdout();
  CloseStderr();
  if (grace_timer_) loop_->CancelTimer(*grace_timer_);
  if (insist_timer_) loop_->CancelTimer(*insist_timer_);
  StopReport report;
  report.exit_code = status.code;
  report.signal = status.signal;
  report.keeper_signal = status.keeper_signal;
  std::vector<std::function<void()>> callbacks;
  {
    const std::lock_guard lock(mutex_);
    report.escalated = escalated_;
    report.took = Clock::now() - stop_requested_.value_or(noticed);
    end_ = report;
    callbacks.swap(on_end_);
  }
  for (const auto& callback : callbacks) callback();
  {
    const std::lock_guard lock(mutex_);
    end_told_ = true;
    changed_.notify_all();
  }
  loop_->Release();
  loop_->Unwatch(pidfd());  // may destroy this object
}

std::optional<StopReport> SidecarProcess::End() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

StopReport SidecarProcess::WaitForEnd() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return end_told_; });
  return *end_;
}

std::optional<StopReport> SidecarProcess::WaitForEndUntil(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_until(lock, deadline, [this] { return end_told_; })) return std::nullopt;
  return end_;
}

void SidecarProcess::WhenEnded(std::function<void()> callback) {
  {
    const std::lock_guard lock(mutex_);
    if (!end_) {
      on_end_.push_back(std::move(callback));
      return;
    }
  }
  loop_->Post(std::move(callback));
}

std::string SidecarProcess::StderrTail() const {
  const std::lock_guard lock(mutex_);
  return stderr_tail_.Bytes();
}

std::string SidecarProcess::Describe(const StopReport& end) {
  if (end.exit_code) return fmt::format("exited with status {}", *end.exit_code);
  if (end.signal) return "was killed by " + SignalText(*end.signal);
  if (end.keeper_signal) {
    return fmt::format("was killed, because its keeper was killed by {}",
                       SignalText(*end.keeper_signal));
  }
  return "ended, with a status that this process cannot read (is SIGCHLD ignored?)";
}

}  // namespace zlayer::sidecar
