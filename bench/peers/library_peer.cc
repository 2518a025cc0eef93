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

/// From the spawn to the handshake line. What else the start does in that span counts: the keeper,
/// the certificates and the connection, which are made ready while the fake starts.
class SpawnToLine {
 public:
  void Add(Phase phase, std::chrono::nanoseconds took) {
    const bool in_it =
        phase == Phase::spawn || phase == Phase::tls_material || phase == Phase::handshake;
    if (in_it) seconds_ += std::chrono::duration<double>(took).count();
  }
  double seconds() const { return seconds_; }

 private:
  double seconds_ = 0;
};

template <Containment containment>
class LibraryPeer final : public Peer {
 public:
  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    SpawnToLine span;
    LifecycleOptions options = world.options();
    options.containment = containment;
    options.on_phase = [&](Phase phase, auto took) { span.Add(phase, took); };
    std::optional<SidecarLifecycle> lifecycle(std::in_place, world.config(), std::move(options));
    if (auto live = lifecycle->Ensure(); !live) {
      return tl::unexpected(std::move(live.error().message));
    }

    // More than a peer does: it also closes the connection, which the fake must see end.
    const Stopwatch stop;
    const auto report = lifecycle->Shutdown();
    times.term_to_reaped = stop.Seconds();
    lifecycle.reset();  // on_phase has told all
    times.spawn_to_line = span.seconds();
    if (!report || report->exit_code != 0) return BadEnd();
    return times;
  }
};

const PeerRegistration<LibraryPeer<Containment::keeper>> kKeeper("library");
const PeerRegistration<LibraryPeer<Containment::group>> kGroup("library_group");

}  // namespace
}  // namespace zlayer::bench
