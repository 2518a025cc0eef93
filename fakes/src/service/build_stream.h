// One Build RPC: plays a script of events.

#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/support/server_callback.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "fakes/src/service/build_script.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes {

class BuildQueue;

/// States: waiting for a slot; idle between two steps; writing; waiting for the alarm or, in a held
/// stream, for a cancel; finished. Only an idle stream goes on to its next step, so that at most
/// one operation is under way. Keeps itself alive until OnDone.
class BuildStream : public grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent> {
 public:
  using Event = buildah_sidecar::v1::BuildEvent;
  using OnFinishedEvent = std::function<void(const buildah_sidecar::v1::BuildFinished&)>;

  /// `queue` may be null for a script that needs no slot. `finished` sees a successful end.
  static BuildStream* Start(std::string request_id, BuildScript script, BuildQueue* queue,
                            OnFinishedEvent finished);

  /// The queue's side.
  void TakeSlot() { has_slot_ = true; }
  bool has_slot() const { return has_slot_; }
  const std::string& request_id() const { return request_id_; }
  /// Not `registered`: the id is in use, and the build ends with an error of kind "register".
  void Begin(bool registered);
  /// False when the build has ended already.
  bool Cancel();

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  enum class State { queued, idle, writing, alarmed, held, finished };
  enum class Do { nothing, go_on, write, finish };

  BuildStream(std::string request_id, BuildScript script, BuildQueue* queue,
              OnFinishedEvent finished);

  /// Makes the next step of an idle stream.
  void Advance();
  struct Chosen {
    Do what = Do::nothing;
    std::function<void()> first;  // to be run before it
    grpc::Status status;          // of Do::finish
  };
  Chosen Choose();      // with mutex_ held
  Chosen ChooseStep();  // with mutex_ held
  void ChooseEvent(const v1::BuildStep& step);
  /// Makes a waiting stream idle. True when the caller must Advance. With mutex_ held.
  bool Interrupt();

  const std::string request_id_;
  BuildQueue* const queue_;
  const OnFinishedEvent on_finished_;
  bool has_slot_ = false;  // guarded by the queue

  std::mutex mutex_;
  BuildScript script_;
  size_t next_ = 0;
  unsigned sent_ = 0;       // of the next step's repeats
  bool delayed_ = false;    // the next step's delay is over
  bool cancelled_ = false;  // by id
  bool gone_ = false;       // the RPC is cancelled: nothing can be written any more
  State state_ = State::queued;
  Event writing_;
  grpc::Alarm alarm_;
  std::shared_ptr<BuildStream> self_;
};

}  // namespace zlayer::fakes
