// One Build RPC: streams the events of a script.

#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "fakes/src/service/build_progress.h"
#include "fakes/src/service/build_script.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {

class BuildQueue;

/// What one Build asks for.
struct BuildJob {
  std::string request_id;               ///< not empty
  std::function<BuildScript()> script;  ///< called once the build has its slot and its id
  /// Called with the `finished` event before it is written.
  std::function<void(const buildah_sidecar::v1::BuildFinished&)> finished;
};

/// A state machine that gRPC's callbacks, an alarm, the queue and a signal drive from any thread.
/// States:
///   queued    waits for a slot of the BuildQueue
///   idle      between two steps
///   writing   waits for OnWriteDone()
///   alarmed   waits for the delay of a step
///   held      a step that never ends by itself (`hold`)
///   finished  Finish() was called, or is about to be
/// BuildProgress decides what an idle stream does next. Only an idle stream begins something, so
/// at most one operation is under way. `mutex_` guards the state; it is not held during calls of
/// gRPC and of the queue. The RPC and its slot last until the running step is over, even when the
/// client has gone. The object owns itself until OnDone().
class BuildStream : public grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent> {
 public:
  /// `queue` must outlive the stream.
  static BuildStream* Start(BuildJob job, BuildQueue& queue);

  /// Called by the BuildQueue: the first three with its lock held, the others without.
  void TakeSlot() { has_slot_ = true; }
  bool has_slot() const { return has_slot_; }
  const std::string& request_id() const { return job_.request_id; }
  /// Begins the build. With `registered` false, the request id is in use by a running build, and
  /// this build ends with an error of kind "register".
  void Begin(bool registered);
  /// Makes the build end with an error of kind "cancelled" after the step that runs.
  void Cancel();
  /// Ends the step that runs, if it is a RUN.
  void Signal();
  /// Goes on behind a `hold` step. False when the build does not stand at one.
  bool Release();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { queued, idle, writing, alarmed, held, finished };

  BuildStream(BuildJob job, BuildQueue& queue);

  /// Does the next things while the stream is idle. Call without mutex_.
  void Advance();
  /// Lets `tell` change the progress, and ends the wait that this interrupts.
  void Tell(const std::function<void(BuildProgress&)>& tell);
  void SetAlarm(std::uint32_t ms);               // with mutex_ held
  State Enter(const BuildProgress::Next& next);  // with mutex_ held

  const BuildJob job_;
  BuildQueue& queue_;
  bool has_slot_ = false;  // guarded by the queue

  std::mutex mutex_;
  BuildProgress progress_;
  State state_ = State::queued;
  grpc::Alarm alarm_;
  std::shared_ptr<BuildStream> self_;
};

}  // namespace zlayer::fakes::daemon
