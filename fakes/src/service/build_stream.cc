#include "fakes/src/service/build_stream.h"

#include <chrono>
#include <utility>

#include "fakes/src/service/build_queue.h"

namespace zlayer::fakes::daemon {

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
  if (state_ == State::alarmed) alarm_.Cancel();  // the alarm's callback calls Advance()
  if (state_ != State::held && state_ != State::queued) return false;
  state_ = State::idle;
  return true;
}

bool BuildStream::Cancel() {
  bool go_on = false;
  {
    const std::lock_guard lock(mutex_);
    if (script_.ignores_cancel && script_.ignores_cancel()) return true;
    if (state_ == State::finished || cancelled_ || next_ == script_.steps.size()) return false;
    cancelled_ = true;
    go_on = Interrupt();
  }
  if (go_on) Advance();
  return true;
}

bool BuildStream::Release() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::held) return false;
    state_ = State::idle;
    ++next_;
  }
  Advance();
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

BuildStream::Chosen BuildStream::ChooseStep() {
  const auto& [step, first] = script_.steps[next_];
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
    return {};
  }
  delayed_ = false;
  Chosen chosen;
  chosen.first = first;
  if (step.hold()) {
    state_ = State::held;
  } else if (step.has_event()) {
    state_ = State::writing;
    chosen.what = Do::write;
    ChooseEvent(step);
  } else {
    ++next_;
    chosen.what = Do::go_on;
  }
  return chosen;
}

void BuildStream::ChooseEvent(const v1::BuildStep& step) {
  if (sent_ == 0) writing_ = step.event();
  ++sent_;
  if (sent_ >= step.repeat()) {
    sent_ = 0;
    ++next_;
  }
}

BuildStream::Chosen BuildStream::Choose() {
  if (state_ != State::idle) return {};
  if (gone_) {
    script_.status = grpc::Status(grpc::StatusCode::CANCELLED, "the call was cancelled");
  } else if (cancelled_) {
    cancelled_ = false;
    script_ = ErrorScript("cancelled", "build \"" + request_id_ + "\" was cancelled");
    next_ = 0;
    sent_ = 0;
    return ChooseStep();
  } else if (next_ < script_.steps.size()) {
    return ChooseStep();
  }
  state_ = State::finished;
  return {Do::finish, nullptr, script_.status};
}

void BuildStream::Advance() {
  Chosen chosen;
  {
    const std::lock_guard lock(mutex_);
    chosen = Choose();
  }
  if (chosen.first) chosen.first();
  switch (chosen.what) {
    case Do::nothing:
      return;
    case Do::go_on:
      return Advance();
    case Do::write:
      if (writing_.has_finished() && on_finished_) on_finished_(writing_.finished());
      return StartWrite(&writing_);
    case Do::finish:
      // Leave the queue before Finish(): a client that sees the end may reuse the id at once.
      if (queue_) queue_->Leave(this);
      return Finish(chosen.status);
  }
}

void BuildStream::OnDone() { const std::shared_ptr<BuildStream> last = std::move(self_); }

}  // namespace zlayer::fakes::daemon
