// A sidecar's process from spawn to reap.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "lifecycle/src/base/deadline.h"
#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/spawn/launch.h"
#include "lifecycle/src/supervise/handshake.h"
#include "lifecycle/src/supervise/line_cutter.h"
#include "lifecycle/src/supervise/tail_buffer.h"
#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

/// Drains the pipes for life, notices the end, kills what is left of the process group and reaps,
/// all on the loop's thread. The loop keeps the object alive until the process is reaped.
///
/// Thread-safety: public methods may be called from any thread.
class SidecarProcess : public std::enable_shared_from_this<SidecarProcess> {
 public:
  /// Takes charge of `launched`. `on_stderr_line` may be empty; it runs on the loop's thread.
  static std::shared_ptr<SidecarProcess> Adopt(
      EventLoop* loop, Launched launched, std::function<void(std::string_view)> on_stderr_line);

  /// The first line of stdout without its '\n'. Errors: exited_before_handshake,
  /// handshake_malformed, handshake_timeout (naming `limit`), handshake_io, cancelled.
  Result<std::string> WaitForLine(std::chrono::milliseconds limit, Deadline deadline,
                                  std::stop_token stop);

  /// SIGTERM to the process group now, SIGKILL after `grace`. Only the first call counts. Does not
  /// block.
  void Terminate(std::chrono::milliseconds grace);
  /// SIGKILL to the process group now. Does not block.
  void Kill();

  /// Blocks until the process is reaped.
  StopReport WaitForEnd();
  /// Blocks until the process is reaped, or `deadline`: then it is empty.
  std::optional<StopReport> WaitForEndUntil(Deadline deadline);
  /// Empty while the process lives.
  std::optional<StopReport> End() const;
  /// Calls back on the loop's thread when the process has been reaped; at once when it already is.
  void WhenEnded(std::function<void()> callback);

  pid_t pid() const { return handle_->pid(); }
  /// Readable once the process has ended. Open as long as this object is.
  int pidfd() const { return handle_->pidfd(); }
  std::string StderrTail() const;

  /// "exited with status 3", "was killed by signal 9 (Killed)".
  static std::string Describe(const StopReport& end);

 private:
  SidecarProcess(EventLoop* loop, Launched launched,
                 std::function<void(std::string_view)> on_stderr_line);

  // On the loop's thread:
  void Watch();
  void ReadStdout(size_t limit);
  void ReadStderr(size_t limit);
  void CloseStdout();
  void CloseStderr();
  void TakeStdout(std::string_view bytes);
  void OnReady();

  EventLoop* const loop_;  // outlives the process: see EventLoop::Hold
  const std::unique_ptr<ProcessHandle> handle_;

  // Loop's thread only.
  UniqueFd stdout_;
  UniqueFd stderr_;
  LineCutter stderr_lines_;
  std::optional<EventLoop::TimerId> grace_timer_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  TailBuffer stderr_tail_;
  FirstLine first_line_;
  bool stdout_closed_ = false;
  int stdout_error_ = 0;  // errno; 0: end of file
  std::optional<Deadline> stop_requested_;
  bool escalated_ = false;
  std::optional<StopReport> end_;
  std::vector<std::function<void()>> on_end_;
};

}  // namespace zlayer::sidecar
