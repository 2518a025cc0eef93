// What the events of one Build stream say about its result.

#pragma once

#include <optional>
#include <string>

#include "lifecycle/src/use/build_call.h"
#include "zlayer/sidecar/build.h"

namespace zlayer::sidecar {

/// Follows the events of one stream and keeps only what the result needs, so that a long build log
/// takes no memory. Not synchronised.
class BuildEvents {
 public:
  /// Takes the next event and passes it to the user. The end of a build is its first `finished` or
  /// `error` event. `log` and `warning` events behind the end still belong to the build: the daemon
  /// flushes the unfinished last line of a step's output after it has sent the end. Any other event
  /// behind the end makes the stream malformed and is not passed on.
  BuildCall::Next Take(const buildah_sidecar::v1::BuildEvent& event, const BuildOptions& options);

  /// Whether any event has come.
  bool any() const { return any_; }
  /// The `finished` or `error` event; empty if it has not come.
  const std::optional<buildah_sidecar::v1::BuildEvent>& end() const { return end_; }
  bool malformed() const { return intruder_.has_value(); }
  /// Says what made the stream malformed, such as `"error" came after the build's "finished"`.
  std::string WhyMalformed() const;

 private:
  bool any_ = false;
  std::optional<buildah_sidecar::v1::BuildEvent> end_;
  std::optional<std::string> intruder_;  // name of the event that made the stream malformed
};

}  // namespace zlayer::sidecar
