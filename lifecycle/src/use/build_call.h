// The Build RPC of one build, and the Cancel RPC that may end it, on the caller's thread.

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

/// Runs a stream to its end by a completion queue of its own, so that reading, a stop, the Cancel
/// RPC and the time limits of both are one wait in one thread, and nothing of them outlives Run.
/// Not synchronised, but for the stop token.
class BuildCall {
 public:
  /// What the reader of events wants next.
  enum class Next {
    more,
    end,     ///< the result is known: the stream's end is awaited for a moment only
    abandon  ///< nothing more is of use
  };
  using OnEvent = std::function<Next(const buildah_sidecar::v1::BuildEvent&)>;

  BuildCall(std::shared_ptr<grpc::Channel> channel,
            const buildah_sidecar::v1::BuildRequest& request, std::chrono::milliseconds timeout);
  ~BuildCall();
  BuildCall(const BuildCall&) = delete;
  BuildCall& operator=(const BuildCall&) = delete;

  /// The stream's status. Called once.
  grpc::Status Run(const OnEvent& on_event, std::stop_token stop);

 private:
  enum class Step : std::intptr_t { started = 1, read, finished, stopped, cancel_answered };

  /// The tag of a step that begins now.
  void* Begin(Step step);
  bool Wait(Step* step, bool* ok);
  void OnStep(Step step, bool ok, const OnEvent& on_event);
  void OnRead(bool ok, const OnEvent& on_event);
  void RequestCancel();
  void OnCancelAnswered();
  /// The call ends at `deadline` at the latest.
  void EndBy(Deadline deadline);

  const buildah_sidecar::v1::BuildRequest& request_;
  const std::unique_ptr<buildah_sidecar::v1::BuildService::Stub> stub_;
  grpc::CompletionQueue queue_;
  int under_way_ = 0;  // steps begun whose end the queue has not told

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientAsyncReader<buildah_sidecar::v1::BuildEvent>> reader_;
  buildah_sidecar::v1::BuildEvent event_;
  grpc::Status status_;
  bool finished_ = false;
  std::optional<Deadline> abandon_at_;

  grpc::Alarm stop_alarm_;
  grpc::ClientContext cancel_context_;
  std::unique_ptr<grpc::ClientAsyncResponseReader<buildah_sidecar::v1::CancelResponse>> cancel_;
  buildah_sidecar::v1::CancelResponse cancel_response_;
  grpc::Status cancel_status_;
  bool has_events_ = false;
};

}  // namespace zlayer::sidecar
