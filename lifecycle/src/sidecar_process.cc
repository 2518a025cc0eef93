#include "sidecar_process.h"

#include <signal.h>
#include <sys/epoll.h>

#include <array>
#include <cerrno>

#include "handshake.h"
#include "make_error.h"

namespace zlayer::sidecar {
namespace {

/// What is read of a pipe whose writers may still be writing, once the process itself has ended:
/// more than any pipe holds, so all that the process wrote.
constexpr size_t kLastRead = 1024 * 1024;

/// What a pipe holds by default.
constexpr size_t kChunk = 64 * 1024;

/// Of one pipe before others have their turn.
constexpr size_t kFairRead = 256 * 1024;

}  // namespace

std::shared_ptr<SidecarProcess> SidecarProcess::Adopt(
    EventLoop* loop, Launched launched, std::function<void(std::string_view)> on_stderr_line) {
  std::shared_ptr<SidecarProcess> process(
      new SidecarProcess(loop, std::move(launched), std::move(on_stderr_line)));
  loop->Post([process] { process->Watch(); });
  return process;
}

SidecarProcess::SidecarProcess(EventLoop* loop, Launched launched,
                               std::function<void(std::string_view)> on_stderr_line)
    : loop_(loop),
      custody_(std::move(launched.custody)),
      stdout_(std::move(launched.stdout_pipe)),
      stderr_(std::move(launched.stderr_pipe)),
      stderr_lines_(std::move(on_stderr_line)) {}

void SidecarProcess::Watch() {
  loop_->Hold();
  // The watch of the pidfd owns the object until the process is reaped.
  loop_->Watch(pidfd(), EPOLLIN, [self = shared_from_this()](std::uint32_t) { self->OnReady(); });
  loop_->Watch(stdout_.get(), EPOLLIN, [this](std::uint32_t) { ReadStdout(kFairRead); });
  loop_->Watch(stderr_.get(), EPOLLIN, [this](std::uint32_t) { ReadStderr(kFairRead); });
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
    stderr_lines_.Append(bytes);
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
}

void SidecarProcess::Terminate(std::chrono::milliseconds grace) {
  {
    const std::lock_guard lock(mutex_);
    if (end_ || stop_requested_) return;
    stop_requested_ = Clock::now();
  }
  loop_->Post([self = shared_from_this(), grace] {
    if (self->End()) return;
    self->custody_->SignalGroup(SIGTERM);
    self->custody_->SignalGroup(SIGCONT);  // a stopped process takes no SIGTERM
    self->grace_timer_ = self->loop_->At(Clock::now() + grace, [process = self.get()] {
      process->grace_timer_.reset();
      {
        const std::lock_guard lock(process->mutex_);
        process->escalated_ = true;
      }
      process->custody_->SignalGroup(SIGKILL);
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
    if (!self->End()) self->custody_->SignalGroup(SIGKILL);
  });
}

void SidecarProcess::OnReady() {
  if (!custody_->Ended()) return;
  const auto noticed = Clock::now();
  ReadStdout(kLastRead);
  ReadStderr(kLastRead);
  const ExitStatus status = custody_->Finish();
  CloseStdout();
  CloseStderr();
  if (grace_timer_) loop_->CancelTimer(*grace_timer_);
  StopReport report;
  report.exit_code = status.code;
  report.signal = status.signal;
  std::vector<std::function<void()>> callbacks;
  {
    const std::lock_guard lock(mutex_);
    report.escalated = escalated_;
    report.took = Clock::now() - stop_requested_.value_or(noticed);
    end_ = report;
    callbacks.swap(on_end_);
    changed_.notify_all();
  }
  for (const auto& callback : callbacks) callback();
  loop_->Release();
  loop_->Unwatch(pidfd());  // may destroy this
}

std::optional<StopReport> SidecarProcess::End() const {
  const std::lock_guard lock(mutex_);
  return end_;
}

StopReport SidecarProcess::WaitForEnd() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return end_.has_value(); });
  return *end_;
}

std::optional<StopReport> SidecarProcess::WaitForEndUntil(Deadline deadline) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [this] { return end_.has_value(); });
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
  // sigdescr_np: unlike strsignal, safe in threads.
  if (end.exit_code) return fmt::format("exited with status {}", *end.exit_code);
  if (end.signal) {
    return fmt::format("was killed by signal {} ({})", *end.signal, ::sigdescr_np(*end.signal));
  }
  return "ended, with a status that this process cannot read (is SIGCHLD ignored?)";
}

}  // namespace zlayer::sidecar
