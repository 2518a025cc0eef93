// One Build RPC: streams the events of a script.

#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "fakes/src/service/build_script.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {

class BuildQueue;

/// A state machine that gRPC's callbacks, an alarm and Cancel() drive from any thread. States:
///   queued    waits for a slot of the BuildQueue
///   idle      between two steps
///   writing   waits for OnWriteDone()
///   alarmed   waits for the delay of a step
///   held      waits until the build is cancelled (`hold`)
///   finished  Finish() was called, or is about to be
/// Only an idle stream begins a step, so at most one operation is under way. `mutex_` guards the
/// state; it is not held during calls of gRPC and of the queue. The object owns itself until
/// OnDone().
class BuildStream : public grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent> {
 public:
  using Event = buildah_sidecar::v1::BuildEvent;
  using OnFinishedEvent = std::function<void(const buildah_sidecar::v1::BuildFinished&)>;

  /// `queue` is null for a script that needs no slot, such as a refusal. `finished` is called with
  /// the `finished` event before it is written.
  static BuildStream* Start(std::string request_id, BuildScript script, BuildQueue* queue,
                            OnFinishedEvent finished);

  /// Called by the BuildQueue: the first three with its lock held, Begin() and Cancel() without.
  void TakeSlot() { has_slot_ = true; }
  bool has_slot() const { return has_slot_; }
  const std::string& request_id() const { return request_id_; }
  /// Begins the script. With `registered` false, the request id is in use by a running build, and
  /// this build ends with an error of kind "register".
  void Begin(bool registered);
  /// Makes the build end with an error of kind "cancelled" (unless a fault ignores cancels). False
  /// when the build has already ended or was cancelled before.
  bool Cancel();
  /// Goes on behind a `hold` step. False when the build does not stand at one.
  bool Release();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { queued, idle, writing, alarmed, held, finished };
  enum class Do { nothing, go_on, write, finish };

  BuildStream(std::string request_id, BuildScript script, BuildQueue* queue,
              OnFinishedEvent finished);

  /// Does the next step if the stream is idle. Call without mutex_.
  void Advance();
  struct Chosen {
    Do what = Do::nothing;
    std::function<void()> first;  // to call before `what`
    grpc::Status status;          // for Do::finish
  };
  Chosen Choose();      // with mutex_ held
  Chosen ChooseStep();  // with mutex_ held
  void ChooseEvent(const v1::BuildStep& step);
  /// Makes a held or queued stream idle, or cancels its alarm. True when the caller must call
  /// Advance(). With mutex_ held.
  bool Interrupt();

  const std::string request_id_;
  BuildQueue* const queue_;
  const OnFinishedEvent on_finished_;
  bool has_slot_ = false;  // guarded by the queue

  std::mutex mutex_;
  BuildScript script_;
  size_t next_ = 0;
  unsigned sent_ = 0;       // repetitions of the next step that were sent
  bool delayed_ = false;    // the next step's delay is over
  bool cancelled_ = false;  // by id
  bool gone_ = false;       // the RPC is cancelled: nothing can be written any more
  State state_ = State::queued;
  Event writing_;
  grpc::Alarm alarm_;
  std::shared_ptr<BuildStream> self_;
};

}  // namespace zlayer::fakes::daemon
