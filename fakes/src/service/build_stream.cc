#include "fakes/src/service/build_stream.h"

#include <chrono>
#include <utility>

#include "fakes/src/service/build_queue.h"

namespace zlayer::fakes::daemon {

BuildStream::BuildStream(BuildJob job, BuildQueue& queue)
    : job_(std::move(job)), queue_(queue), progress_(job_.request_id) {}

BuildStream* BuildStream::Start(BuildJob job, BuildQueue& queue) {
  const std::shared_ptr<BuildStream> build(new BuildStream(std::move(job), queue));
  build->self_ = build;
  queue.Enter(build);
  return build.get();
}

void BuildStream::Begin(bool registered) {
  BuildScript script =
      registered
          ? job_.script()
          : ErrorScript("register", "request_id \"" + request_id() + "\" is already running");
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::queued) return;  // the client has gone
    state_ = State::idle;
    progress_.Load(std::move(script));
  }
  Advance();
}

void BuildStream::Tell(const std::function<void(BuildProgress&)>& tell) {
  {
    const std::lock_guard lock(mutex_);
    tell(progress_);
    if (!progress_.Interrupts()) return;
    if (state_ == State::alarmed) alarm_.Cancel();  // the alarm's callback calls Advance()
    if (state_ != State::held && state_ != State::queued) return;
    state_ = State::idle;
  }
  Advance();
}

void BuildStream::Cancel() {
  Tell([](BuildProgress& progress) { progress.Cancel(); });
}

void BuildStream::Signal() {
  Tell([](BuildProgress& progress) { progress.Signal(); });
}

bool BuildStream::Release() {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::held) return false;
    state_ = State::idle;
    progress_.Release();
  }
  Advance();
  return true;
}

void BuildStream::OnCancel() {
  const bool stops_hard = queue_.StopsHard();
  Tell([&](BuildProgress& progress) {
    progress.ClientGone();
    if (stops_hard) progress.StopHard();
  });
}

void BuildStream::OnWriteDone(bool ok) {
  {
    const std::lock_guard lock(mutex_);
    state_ = State::idle;
    if (!ok) progress_.ClientGone();
  }
  Advance();
}

void BuildStream::SetAlarm(std::uint32_t ms) {
  const auto due = std::chrono::system_clock::now() + std::chrono::milliseconds(ms);
  alarm_.Set(due, [this](bool) {
    {
      const std::lock_guard lock(mutex_);
      state_ = State::idle;
    }
    Advance();
  });
}

BuildStream::State BuildStream::Enter(const BuildProgress::Next& next) {
  switch (next.what) {
    case BuildProgress::Do::write:
      return State::writing;
    case BuildProgress::Do::wait:
      SetAlarm(next.wait_ms);
      return State::alarmed;
    case BuildProgress::Do::hold:
      return State::held;
    case BuildProgress::Do::go_on:
      return State::idle;
    case BuildProgress::Do::finish:
      return State::finished;
  }
  return State::finished;
}

void BuildStream::Advance() {
  BuildProgress::Next next;
  while (next.what == BuildProgress::Do::go_on) {
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::idle) return;
      next = progress_.Advance();
      state_ = Enter(next);
    }
    if (next.first) next.first();
  }
  if (next.what == BuildProgress::Do::write) {
    const buildah_sidecar::v1::BuildEvent& event = progress_.event();
    if (event.has_finished() && job_.finished) job_.finished(event.finished());
    return StartWrite(&event);
  }
  if (next.what == BuildProgress::Do::finish) {
    // Leave the queue before Finish(): a client that sees the end may reuse the id at once.
    queue_.Leave(this);
    return Finish(next.status);
  }
}

void BuildStream::OnDone() { const std::shared_ptr<BuildStream> last = std::move(self_); }

}  // namespace zlayer::fakes::daemon
