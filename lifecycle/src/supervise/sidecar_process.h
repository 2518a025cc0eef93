// Supervises a sidecar's process from its launch until it is reaped.
//
// This is the main header of the room supervise/; start reading here. share/start.cc launches a
// sidecar (room spawn/), passes it to SidecarProcess::Adopt, waits for its first line, and parses
// the line with handshake.h. share/sidecar.cc keeps the SidecarProcess and stops it.
//
// Two kinds of threads meet in SidecarProcess. The loop's thread (base/event_loop.h) reads the
// pipes, uses the ProcessHandle, sends signals and reaps. Callers on other threads post to the loop
// or wait for changed_; all that they read is guarded by mutex_. Both pipes are read until the
// process ends, whether anybody wants the bytes or not: a sidecar must never block on a full pipe.
// The exception is StderrFlow, and it ends when somebody waits for the sidecar.
// handshake.h, line_cutter.h and tail_buffer.h keep what is read in bounded memory.

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

/// Whether those who take the lines of stderr keep up. Asked on the loop's thread.
struct StderrFlow {
  /// Asked when lines have been passed on. If it returns true, stderr is not read until the
  /// function that it got is called, on any thread, or until somebody waits for the sidecar.
  std::function<bool(std::function<void()> resume)> full;
  /// Asked before stderr is read although it may be full. While it returns true, the lines are left
  /// out. Empty: they never are.
  std::function<bool()> overflows;
};

/// A running sidecar: reads its pipes, notices its end, kills what it left behind, and reaps it.
/// The loop keeps this object alive until the process is reaped, also when nobody else refers to
/// it.
///
/// Thread-safety: public methods may be called from any thread.
class SidecarProcess : public std::enable_shared_from_this<SidecarProcess> {
 public:
  /// Starts to supervise `launched`. `on_stderr_line` may be empty; it runs on the loop's thread.
  static std::shared_ptr<SidecarProcess> Adopt(EventLoop* loop, Launched launched,
                                               std::function<void(std::string_view)> on_stderr_line,
                                               StderrFlow stderr_flow = {});

  /// Blocks for the first line of stdout and returns it without its '\n'. `deadline` ends the wait;
  /// `limit` is only for the message of handshake_timeout. Errors: exited_before_handshake,
  /// handshake_malformed, handshake_timeout, handshake_io, cancelled.
  Result<std::string> WaitForLine(std::chrono::milliseconds limit, Deadline deadline,
                                  std::stop_token stop);

  /// From now on stderr is not read while StderrFlow::full says so, until the process is asked to
  /// stop. Somebody waits for a process that starts or stops, and it could do neither while it
  /// waits for a reader of its stderr.
  void MayBePaused();

  /// Sends SIGTERM to the process group now, and SIGKILL after `grace`. Does not block. Does
  /// nothing after an earlier Terminate or Kill.
  void Terminate(std::chrono::milliseconds grace);
  /// Sends SIGKILL to the process group now. Does not block. The process is reaped soon, even if
  /// its keeper is stopped: see ProcessHandle::Insist.
  void Kill();

  /// Blocks until the process is reaped and the callbacks of WhenEnded have run. Not on the loop's
  /// thread.
  StopReport WaitForEnd();
  /// As WaitForEnd, or until `deadline` has passed; empty in the second case.
  std::optional<StopReport> WaitForEndUntil(Deadline deadline);
  /// Empty until the process is reaped.
  std::optional<StopReport> End() const;
  /// Calls back once, on the loop's thread, when the process has been reaped, also if it already
  /// is.
  void WhenEnded(std::function<void()> callback);

  pid_t pid() const { return handle_->pid(); }
  /// Readable once the process has ended. Open as long as this object exists.
  int pidfd() const { return handle_->pidfd(); }
  /// The last TailBuffer::kLimit bytes of stderr.
  std::string StderrTail() const;

  /// "exited with status 3", "was killed by signal 9 (Killed)".
  static std::string Describe(const StopReport& end);

 private:
  SidecarProcess(EventLoop* loop, Launched launched,
                 std::function<void(std::string_view)> on_stderr_line, StderrFlow stderr_flow);
  void ResumeStderr();

  // On the loop's thread:
  void Watch();
  void WatchStderr();
  void PauseStderr();
  void ReadOn();
  void ReadStdout(size_t limit);
  void ReadStderr(size_t limit);
  void CloseStdout();
  void CloseStderr();
  void TakeStdout(std::string_view bytes);
  void SendKill();
  void InsistLater();
  void OnReady();

  EventLoop* const loop_;  // outlives the process: see EventLoop::Hold
  const std::unique_ptr<ProcessHandle> handle_;

  // Loop's thread only.
  UniqueFd stdout_;
  UniqueFd stderr_;
  LineCutter stderr_lines_;
  const StderrFlow stderr_flow_;
  bool may_be_paused_ = false;
  bool paused_ = false;  // stderr_ is not watched
  std::optional<EventLoop::TimerId> grace_timer_;
  std::optional<EventLoop::TimerId> insist_timer_;

  mutable std::mutex mutex_;
  std::condition_variable_any changed_;
  // Guarded by mutex_.
  TailBuffer stderr_tail_;
  FirstLine first_line_;
  bool stdout_closed_ = false;
  int stdout_error_ = 0;                    // errno of the read that failed; 0: end of file
  std::optional<Deadline> stop_requested_;  // when the first Terminate or Kill came
  bool escalated_ = false;                  // the grace is over, and SIGKILL was sent
  std::optional<StopReport> end_;           // set once, when the process is reaped
  std::vector<std::function<void()>> on_end_;
  bool end_told_ = false;  // on_end_ has run
};

}  // namespace zlayer::sidecar
