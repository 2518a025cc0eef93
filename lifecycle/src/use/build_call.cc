#include "lifecycle/src/use/build_call.h"

#include <grpcpp/channel.h>

#include <algorithm>
#include <utility>

#include "lifecycle/src/connect/grpc_deadline.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::CancelRequest;

/// How long the daemon may take to answer a Cancel and end the build.
constexpr std::chrono::milliseconds kCancelTakes{500};
/// How long the stream may stay open after its `finished` or `error` event.
constexpr std::chrono::milliseconds kEndFollowsResult{1000};
/// How long the status may take once no event can be read any more. At the end of a stream it has
/// come already. Behind an event that is no message, gRPC does not read on and would wait for ever.
constexpr std::chrono::milliseconds kStatusFollowsEnd{1000};

}  // namespace

BuildCall::BuildCall(std::shared_ptr<grpc::Channel> channel,
                     const buildah_sidecar::v1::BuildRequest& request,
                     std::chrono::milliseconds timeout)
    : request_(request), stub_(BuildService::NewStub(std::move(channel))) {
  context_.set_deadline(GrpcDeadline(DeadlineIn(timeout)));
}

BuildCall::~BuildCall() {
  context_.TryCancel();
  cancel_context_.TryCancel();
  stop_alarm_.Cancel();
  while (under_way_ > 0) {
    void* tag = nullptr;
    bool ok = false;
    queue_.Next(&tag, &ok);
    --under_way_;
  }
  queue_.Shutdown();
}

grpc::Status BuildCall::Run(const OnEvent& on_event, std::stop_token stop) {
  // The alarm never fires by itself: to cancel it is how another thread wakes the queue.
  stop_alarm_.Set(&queue_, gpr_inf_future(GPR_CLOCK_MONOTONIC), Begin(Step::stopped));
  const std::stop_callback on_stop(std::move(stop), [this] { stop_alarm_.Cancel(); });
  reader_ = stub_->PrepareAsyncBuild(&context_, request_, &queue_);
  reader_->StartCall(Begin(Step::started));
  while (!finished_) {
    Step step{};
    bool ok = false;
    if (Wait(&step, &ok)) OnStep(step, ok, on_event);
  }
  return unreadable_ ? grpc::Status(grpc::StatusCode::INTERNAL,
                                    "the sidecar sent an event that is no valid protobuf message")
                     : status_;
}

void* BuildCall::Begin(Step step) {
  ++under_way_;
  return reinterpret_cast<void*>(step);
}

bool BuildCall::Wait(Step* step, bool* ok) {
  if (abandon_at_ && Clock::now() >= *abandon_at_) {
    context_.TryCancel();
    abandon_at_.reset();
    unreadable_ = ended_;
  }
  void* tag = nullptr;
  const gpr_timespec until =
      abandon_at_ ? GrpcDeadline(*abandon_at_) : gpr_inf_future(GPR_CLOCK_MONOTONIC);
  if (queue_.AsyncNext(&tag, ok, until) != grpc::CompletionQueue::GOT_EVENT) return false;
  --under_way_;
  *step = static_cast<Step>(reinterpret_cast<std::intptr_t>(tag));
  return true;
}

void BuildCall::OnStep(Step step, bool ok, const OnEvent& on_event) {
  switch (step) {
    case Step::started:
      return ok ? reader_->Read(&event_, Begin(Step::read))
                : reader_->Finish(&status_, Begin(Step::finished));
    case Step::read:
      return OnRead(ok, on_event);
    case Step::finished:
      finished_ = true;
      return;
    case Step::stopped:
      return RequestCancel();
    case Step::cancel_answered:
      return OnCancelAnswered();
  }
}

void BuildCall::OnRead(bool ok, const OnEvent& on_event) {
  if (!ok) {
    ended_ = true;
    abandon_at_ = DeadlineIn(kStatusFollowsEnd);
    return reader_->Finish(&status_, Begin(Step::finished));
  }
  has_events_ = true;
  switch (on_event(event_)) {
    case Next::more:
      break;
    case Next::end:
      EndBy(DeadlineIn(kEndFollowsResult));
      break;
    case Next::abandon:
      context_.TryCancel();
      break;
  }
  reader_->Read(&event_, Begin(Step::read));
}

void BuildCall::RequestCancel() {
  CancelRequest request;
  request.set_request_id(request_.request_id());
  cancel_context_.set_deadline(GrpcDeadline(DeadlineIn(kCancelTakes)));
  cancel_ = stub_->PrepareAsyncCancel(&cancel_context_, request, &queue_);
  cancel_->StartCall();
  cancel_->Finish(&cancel_response_, &cancel_status_, Begin(Step::cancel_answered));
  EndBy(DeadlineIn(kCancelTakes));
}

/// `cancelled` is false if the daemon does not know the id. Without events so far, the build is
/// still queued and not registered yet: cancel its call instead. With events, the build
/// has just ended, and its last events are on their way: the call goes on, up to its limit.
void BuildCall::OnCancelAnswered() {
  const bool unknown = !cancel_response_.cancelled() && !has_events_;
  if (!cancel_status_.ok() || unknown) context_.TryCancel();
}

void BuildCall::EndBy(Deadline deadline) {
  abandon_at_ = abandon_at_ ? std::min(*abandon_at_, deadline) : deadline;
}

}  // namespace zlayer::sidecar
