// Fault `latency`: delays every byte, with jitter, as a long network path does.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class LatencyFault final : public NetworkFault {
 public:
  LatencyFault(const v1::Latency& latency, const TriggerPtr& trigger, std::uint32_t number)
      : NetworkFault(latency.direction(), latency.after_bytes(), trigger),
        delay_ns_(latency.latency_ms() * kNsPerMs),
        jitter_ns_(latency.jitter_ms() * kNsPerMs),
        chance_(ChanceOf(*trigger, number)) {}

 private:
  void Act(Direction direction, Piece piece, Outlet& out) override {
    piece.due_ns += delay_ns_;
    if (!piece.bytes.empty()) {
      Fire();
      piece.due_ns += chance_[direction].Around(jitter_ns_);
    }
    EmitInOrder(direction, std::move(piece), out);
  }

  const std::int64_t delay_ns_;
  const std::int64_t jitter_ns_;
  PerDirection<Random> chance_;
};

Mistake Check(const v1::Fault& fault) {
  if (fault.latency().latency_ms() == 0) return {"latency_ms", "must be above 0"};
  if (fault.latency().jitter_ms() > fault.latency().latency_ms()) {
    return {"jitter_ms", "must not be above latency_ms"};
  }
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [latency = fault.latency(), trigger](std::uint32_t number) {
    return std::make_unique<LatencyFault>(latency, trigger, number);
  });
}

}  // namespace

const FaultKind kLatencyFault = {"latency", "", &ReachOfConnection, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
