// Fault `bandwidth`: limits how many bytes pass a second.

#include <algorithm>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class BandwidthFault final : public NetworkFault {
 public:
  BandwidthFault(const v1::Bandwidth& bandwidth, const TriggerPtr& trigger)
      : NetworkFault(bandwidth.direction(), bandwidth.after_bytes(), trigger),
        bytes_per_ms_(bandwidth.rate_kb_s()) {}

 private:
  /// Cuts the piece into portions of 10 ms. A portion leaves at the time at which its last byte
  /// would have passed a link of this rate.
  void Act(Direction direction, Piece piece, Outlet& out) override {
    const std::uint64_t portion = bytes_per_ms_ * 10;
    for (size_t at = 0; at < piece.bytes.size(); at += portion) {
      Fire();
      Piece part{.bytes = piece.bytes.substr(at, portion)};
      const std::uint64_t takes_ns = part.bytes.size() * std::uint64_t{kNsPerMs} / bytes_per_ms_;
      part.due_ns =
          std::max(piece.due_ns, last_due_ns(direction)) + static_cast<std::int64_t>(takes_ns);
      EmitInOrder(direction, std::move(part), out);
    }
    piece.bytes.clear();
    EmitInOrder(direction, std::move(piece), out);
  }

  const std::uint64_t bytes_per_ms_;
};

Mistake Check(const v1::Fault& fault) {
  if (fault.bandwidth().rate_kb_s() != 0) return {};
  return {"rate_kb_s", "must be above 0; timeout lets nothing pass"};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [bandwidth = fault.bandwidth(), trigger](std::uint32_t) {
    return std::make_unique<BandwidthFault>(bandwidth, trigger);
  });
}

}  // namespace

const FaultKind kBandwidthFault = {"bandwidth", "", &ReachOfConnection, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
