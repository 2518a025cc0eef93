// The Build RPC of one build, and the Cancel RPC that may end it, on the caller's thread.
//
// The room use/ holds the calls on a sidecar that is up. explain.cc (LiveSidecar::Explain) turns
// the gRPC status of a failed call into a LifecycleError; it looks at the process and the
// connection first, because gRPC cannot tell a lost sidecar from a failed call. call.cc (Call)
// makes one unary call and asks Explain. build.cc (RunBuild) turns the events of a Build stream
// (build_events.h) into one result, and uses BuildCall for the stream and Explain for its status.
// stop_seen.h adds what is known of the sidecar's stop to the error of a build that failed.
// request_text.h keeps text from the wire that is not UTF-8. Start reading in build.cc. What must
// hold: a build has exactly one result, and once RunBuild has returned no operation of the build is
// left on a queue or a thread.

#pragma once

#include <grpcpp/alarm.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include "lifecycle/src/base/deadline.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::sidecar {

/// Runs a Build stream to its end on a completion queue of its own. Events of the stream, the stop
/// token, the answer to Cancel and all time limits wake that one queue, so one thread waits for all
/// of them, and no callback runs on a thread of gRPC. The destructor waits until every operation
/// has left the queue.
///
/// Not synchronised, except that the stop token may be triggered from any thread.
class BuildCall {
 public:
  /// What OnEvent wants to happen after an event.
  enum class Next {
    more,    ///< read the next event
    end,     ///< the result is known: wait for the end of the stream, but at most a second
    abandon  ///< cancel the call now
  };
  using OnEvent = std::function<Next(const buildah_sidecar::v1::BuildEvent&)>;

  /// `request` must outlive the call. `timeout` runs from now on.
  BuildCall(std::shared_ptr<grpc::Channel> channel,
            const buildah_sidecar::v1::BuildRequest& request, std::chrono::milliseconds timeout);
  ~BuildCall();
  BuildCall(const BuildCall&) = delete;
  BuildCall& operator=(const BuildCall&) = delete;

  /// Runs the call, blocks until it has ended, and returns its status. Called once.
  grpc::Status Run(const OnEvent& on_event, std::stop_token stop);

 private:
  /// The operations on the queue; each is the tag of its own completion.
  enum class Step : std::intptr_t { started = 1, read, finished, stopped, cancel_answered };

  /// Returns the tag for a step that begins now, and counts the step as under way.
  void* Begin(Step step);
  /// Waits for the next step to complete. Returns false if abandon_at_ comes first; the next Wait
  /// then cancels the call.
  bool Wait(Step* step, bool* ok);
  void OnStep(Step step, bool ok, const OnEvent& on_event);
  void OnRead(bool ok, const OnEvent& on_event);
  void RequestCancel();
  void OnCancelAnswered();
  /// Makes sure that the call is cancelled at `deadline`, if it has not ended before.
  void EndBy(Deadline deadline);

  const buildah_sidecar::v1::BuildRequest& request_;
  const std::unique_ptr<buildah_sidecar::v1::BuildService::Stub> stub_;
  grpc::CompletionQueue queue_;
  int under_way_ = 0;  // steps that have begun and not yet come out of the queue

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReader<buildah_sidecar::v1::BuildEvent>> reader_;
  buildah_sidecar::v1::BuildEvent event_;
  grpc::Status status_;
  bool ended_ = false;       // no event can be read any more
  bool unreadable_ = false;  // and it was not the end of the stream
  bool finished_ = false;
  std::optional<Deadline> abandon_at_;  // when to cancel the call; empty: no such time

  grpc::Alarm stop_alarm_;
  grpc::ClientContext cancel_context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<buildah_sidecar::v1::CancelResponse>> cancel_;
  buildah_sidecar::v1::CancelResponse cancel_response_;
  grpc::Status cancel_status_;
  bool has_events_ = false;
};

}  // namespace zlayer::sidecar
