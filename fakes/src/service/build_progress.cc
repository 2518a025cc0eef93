#include "fakes/src/service/build_progress.h"

#include <utility>

namespace zlayer::fakes::daemon {

void BuildProgress::Load(BuildScript script) {
  script_ = std::move(script);
  loaded_ = true;
}

BuildProgress::Next BuildProgress::Finish() const {
  Next finish{.what = Do::finish, .status = script_.status};
  if (gone_) finish.status = {grpc::StatusCode::CANCELLED, "the client has gone"};
  if (stopped_hard_) finish.status = {grpc::StatusCode::UNAVAILABLE, "the daemon has stopped"};
  return finish;
}

void BuildProgress::Cancel() {
  if (script_.ignores_cancel && script_.ignores_cancel()) return;
  cancelled_ = true;
}

/// Whether the next step has begun and is one that a signal ends.
bool BuildProgress::RunsNow() const {
  if (next_ >= script_.steps.size()) return false;
  const v1::BuildStep& step = script_.steps[next_].step;
  return step.work() == v1::BuildStep::RUN && (step.delay_ms() > 0 || step.hold() || sent_ > 0);
}

/// Whether no step is under way. A step whose event ends the build is over before that event.
bool BuildProgress::StepIsOver() const {
  if (sent_ > 0 || holding_) return false;
  return !delayed_ || IsEnd(script_.steps[next_].step.event());
}

bool BuildProgress::Interrupts() const {
  if (stopped_hard_ || (gone_ && !loaded_)) return true;
  // Behind the build's end nothing runs.
  return ended_ ? gone_ || (cancelled_ && holding_) : signalled_ && RunsNow();
}

std::optional<BuildScript> BuildProgress::Interruption() const {
  if (gone_ && (ended_ || StepIsOver())) return BuildScript();
  if (ended_) return cancelled_ && holding_ ? std::optional(BuildScript()) : std::nullopt;
  if (signalled_ && RunsNow()) return ErrorScript("exec", "exit status 1");
  if (!cancelled_ || !StepIsOver()) return std::nullopt;
  return ErrorScript("cancelled", "build \"" + request_id_ + "\": context canceled");
}

BuildProgress::Next BuildProgress::Advance() {
  if (!loaded_ || stopped_hard_) return Finish();
  if (auto interruption = Interruption()) {
    script_ = std::move(*interruption);
    next_ = 0;
    sent_ = 0;
    delayed_ = holding_ = cancelled_ = signalled_ = false;
  }
  if (next_ < script_.steps.size()) return Step();
  return ComposeUnfinished() ? Next{.what = Do::write} : Finish();
}

BuildProgress::Next BuildProgress::Step() {
  const auto& [step, first] = script_.steps[next_];
  if (step.delay_ms() > 0 && !delayed_) {
    delayed_ = true;
    return {.what = Do::wait, .wait_ms = step.delay_ms()};
  }
  delayed_ = false;
  Next next{.first = first};
  if (step.hold()) {
    holding_ = true;
    next.what = Do::hold;
  } else if (step.has_event()) {
    next.what = Compose(step) ? Do::write : Do::go_on;
    Count(step);
  } else {
    ++next_;
  }
  return next;
}

/// Makes `event_` of the step. False when nothing is to be written: the client has gone, or the
/// line waits for the rest of it.
bool BuildProgress::Compose(const v1::BuildStep& step) {
  if (gone_) return false;
  if (sent_ == 0 || joined_) event_ = step.event();
  joined_ = false;
  if (event_.has_log()) {
    std::string& begun = begun_[event_.log().is_stderr() ? 1 : 0];
    if (step.unfinished()) {
      begun += event_.log().line();
      return false;
    }
    if (!begun.empty()) {
      event_.mutable_log()->set_line(std::exchange(begun, "") + event_.log().line());
      joined_ = true;
    }
  }
  ended_ = ended_ || IsEnd(event_);
  return true;
}

/// Without a client, the repetitions that take no time are over at once.
void BuildProgress::Count(const v1::BuildStep& step) {
  ++sent_;
  if (sent_ < step.repeat() && (!gone_ || step.delay_ms() > 0)) return;
  sent_ = 0;
  ++next_;
}

/// Makes `event_` of an unfinished line, which nothing can finish any more. False when there is
/// none.
bool BuildProgress::ComposeUnfinished() {
  for (size_t stream = 0; !gone_ && stream < begun_.size(); ++stream) {
    if (begun_[stream].empty()) continue;
    event_.mutable_log()->set_line(std::exchange(begun_[stream], ""));
    event_.mutable_log()->set_is_stderr(stream == 1);
    return true;
  }
  return false;
}

}  // namespace zlayer::fakes::daemon
