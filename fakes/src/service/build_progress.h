// Where a Build is in its script, and what ends it early.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "fakes/src/service/build_script.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {

/// Decides what a Build does next; the caller (BuildStream) does it. As in the deployed daemon,
/// neither a cancel nor a client that has gone ends a step: the step runs to its end, and only then
/// does the build end. A signal ends a RUN step at once. Not synchronised.
class BuildProgress {
 public:
  explicit BuildProgress(std::string request_id) : request_id_(std::move(request_id)) {}

  void Load(BuildScript script);

  enum class Do { write, wait, hold, go_on, finish };
  struct Next {
    Do what = Do::go_on;
    std::uint32_t wait_ms = 0;         ///< Do::wait
    std::function<void()> first = {};  ///< to call before it; may be empty
    grpc::Status status = {};          ///< Do::finish
  };
  /// The next thing to do. Call it when the last one is over or Interrupts().
  Next Advance();

  /// What to write for Do::write. It stays as it is until the next Advance().
  const buildah_sidecar::v1::BuildEvent& event() const { return event_; }

  /// Asks the build to end after the step that runs. Without effect when a fault says so.
  void Cancel();
  /// The client has gone: nothing can be written any more.
  void ClientGone() { gone_ = true; }
  /// SIGTERM or SIGINT has come, which buildah passes to the RUN step.
  void Signal() { signalled_ = true; }
  /// The daemon stops hard: the build ends wherever it is.
  void StopHard() { stopped_hard_ = true; }

  /// Ends the hold that is under way.
  void Release() {
    holding_ = false;
    ++next_;
  }

  /// Whether the wait that is under way ends now: for the slot, for a delay, or in a hold.
  bool Interrupts() const;

 private:
  /// What takes the place of the rest of the script, if anything does.
  std::optional<BuildScript> Interruption() const;
  bool RunsNow() const;
  bool StepIsOver() const;
  Next Step();
  Next Finish() const;
  bool Compose(const v1::BuildStep& step);
  void Count(const v1::BuildStep& step);
  bool ComposeUnfinished();

  const std::string request_id_;
  BuildScript script_;
  bool loaded_ = false;
  size_t next_ = 0;
  std::uint32_t sent_ = 0;  // repetitions of the next step that were sent
  bool delayed_ = false;    // the delay of the next step has begun
  bool holding_ = false;    // the next step is a hold that has begun
  bool joined_ = false;     // event_ has more than the step's own line
  bool ended_ = false;      // `finished` or `error` was sent
  bool cancelled_ = false;  // by id
  bool gone_ = false;       // no client any more
  bool signalled_ = false;  // by SIGTERM or SIGINT
  bool stopped_hard_ = false;
  std::array<std::string, 2> begun_;  // unfinished lines: of stdout, of stderr
  buildah_sidecar::v1::BuildEvent event_;
};

}  // namespace zlayer::fakes::daemon
