#include "fakes/src/service/build_stream.h"

#include <chrono>
#include <utility>

#include "fakes/src/service/build_queue.h"

namespace zlayer::fakes {

BuildStream::BuildStream(std::string request_id, BuildScript script, BuildQueue* queue,
                         OnFinishedEvent finished)
    : request_id_(std::move(request_id)),
      queue_(queue),
      on_finished_(std::move(finished)),
      script_(std::move(script)) {}

BuildStream* BuildStream::Start(std::string request_id, BuildScript script, BuildQueue* queue,
                                OnFinishedEvent finished) {
  const std::shared_ptr<BuildStream> build(
      new BuildStream(std::move(request_id), std::move(script), queue, std::move(finished)));
  build->self_ = build;
  if (queue) {
    queue->Enter(build);
  } else {
    build->Begin(true);
  }
  return build.get();
}

void BuildStream::Begin(bool registered) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::queued) return;
    state_ = State::idle;
    if (!registered) {
      script_ = ErrorScript("register", "request_id \"" + request_id_ + "\" is already running");
    }
  }
  Advance();
}

bool BuildStream::Interrupt() {
  if (state_ == State::alarmed) alarm_.Cancel();  // its callback goes on
  if (state_ != State::held && state_ != State::queued) return false;
  state_ = State::idle;
  return true;
}

bool BuildStream::Cancel() {
  bool go_on = false;
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::finished || cancelled_ || next_ == script_.size()) return false;
    cancelled_ = true;
    go_on = Interrupt();
  }
  if (go_on) Advance();
  return true;
}

void BuildStream::OnCancel() {
  bool go_on = false;
  {
    const std::lock_guard lock(mutex_);
    gone_ = true;
    go_on = Interrupt();
  }
  if (go_on) Advance();
}

void BuildStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::idle;
    if (!ok) gone_ = true;
  }
  Advance();
}

BuildStream::Do BuildStream::ChooseStep() {
  const v1::BuildStep& step = script_[next_];
  if (step.delay_ms() > 0 && !delayed_) {
    delayed_ = true;
    state_ = State::alarmed;
    const auto due = std::chrono::system_clock::now() + std::chrono::milliseconds(step.delay_ms());
    alarm_.Set(due, [this](bool) {
      {
        const std::lock_guard lock(mutex_);
        state_ = State::idle;
      }
      Advance();
    });
    return Do::nothing;
  }
  delayed_ = false;
  if (step.hold()) {
    state_ = State::held;
    return Do::nothing;
  }
  state_ = State::writing;
  writing_ = step.event();
  ++next_;
  return Do::write;
}

BuildStream::Do BuildStream::Choose(grpc::Status* status) {
  if (state_ != State::idle) return Do::nothing;
  if (gone_) {
    *status = grpc::Status(grpc::StatusCode::CANCELLED, "the call was cancelled");
  } else if (cancelled_) {
    cancelled_ = false;
    script_ = ErrorScript("cancelled", "build \"" + request_id_ + "\" was cancelled");
    next_ = 0;
    return ChooseStep();
  } else if (next_ < script_.size()) {
    return ChooseStep();
  }
  state_ = State::finished;
  return Do::finish;
}

void BuildStream::Advance() {
  grpc::Status status;
  Do what = Do::nothing;
  {
    const std::lock_guard lock(mutex_);
    what = Choose(&status);
  }
  if (what == Do::write) {
    if (writing_.has_finished() && on_finished_) on_finished_(writing_.finished());
    StartWrite(&writing_);
  } else if (what == Do::finish) {
    // The slot and the id are free before the client can know that the build is over.
    if (queue_) queue_->Leave(this);
    Finish(status);
  }
}

void BuildStream::OnDone() { const std::shared_ptr<BuildStream> last = std::move(self_); }

}  // namespace zlayer::fakes
