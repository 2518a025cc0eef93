// This library, with a keeper process between it and the fake (its default) and without one.

#include <chrono>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "peers/peer.h"
#include "stopwatch.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::bench {
namespace {

using sidecar::Containment;
using sidecar::LifecycleOptions;
using sidecar::Phase;
using sidecar::SidecarLifecycle;

/// From the end of discovery to the handshake line, without the certificates and the directories
/// that are made ready in between: the peers are handed both. What the start does elsewhere in that
/// span counts: the keeper, and the connection prepared while the fake starts. The keeper comes up
/// while the certificates are loaded, so the part of it that this hides is not in the figure.
class SpawnToLine {
 public:
  void Add(Phase phase, std::chrono::nanoseconds took) {
    if (phase == Phase::discover) begin_.emplace();
    if (phase == Phase::tls_material || phase == Phase::storage) {
      left_out_ += std::chrono::duration<double>(took).count();
    }
    if (phase == Phase::handshake) seconds_ = begin_->Seconds() - left_out_;
  }
  double seconds() const { return seconds_; }

 private:
  std::optional<Stopwatch> begin_;
  double left_out_ = 0;
  double seconds_ = 0;
};

template <Containment containment>
class LibraryPeer final : public Peer {
 public:
  tl::expected<CycleTimes, std::string> Cycle(const Scene& scene) override {
    CycleTimes times;
    SpawnToLine span;
    LifecycleOptions options = scene.options();
    options.containment = containment;
    options.on_phase = [&](Phase phase, auto took) { span.Add(phase, took); };
    SidecarLifecycle lifecycle(scene.config(), std::move(options));
    if (auto live = lifecycle.Ensure(); !live) {
      return tl::unexpected(std::move(live.error().message));
    }
    times.spawn_to_line = span.seconds();

    // More than a peer does: it also closes the connection, which the fake must see end.
    const Stopwatch stop;
    const auto report = lifecycle.Shutdown();
    times.term_to_reaped = stop.Seconds();
    if (!report || report->exit_code != 0) return BadEnd();
    return times;
  }
};

const PeerRegistration<LibraryPeer<Containment::keeper>> kKeeper("library");
const PeerRegistration<LibraryPeer<Containment::group>> kGroup("library_group");

}  // namespace
}  // namespace zlayer::bench
