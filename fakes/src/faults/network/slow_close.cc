// Fault `slow_close`: delays the end of a stream (FIN), not its bytes.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class SlowCloseFault final : public NetworkFault {
 public:
  SlowCloseFault(const v1::SlowClose& slow, const TriggerPtr& trigger)
      : NetworkFault(slow.direction(), 0, trigger), delay_ns_(slow.delay_ms() * kNsPerMs) {}

 private:
  void Act(Direction direction, Piece piece, Outlet& out) override {
    using Then = Piece::Then;
    if (piece.then == Then::end || piece.then == Then::close) {
      Fire();
      EmitInOrder(direction, {.bytes = std::move(piece.bytes), .due_ns = piece.due_ns}, out);
      piece.bytes.clear();
      piece.due_ns += delay_ns_;
    }
    EmitInOrder(direction, std::move(piece), out);
  }

  const std::int64_t delay_ns_;
};

Mistake Check(const v1::Fault& fault) {
  if (fault.slow_close().delay_ms() == 0) return {"delay_ms", "must be above 0"};
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [slow = fault.slow_close(), trigger](std::uint32_t) {
    return std::make_unique<SlowCloseFault>(slow, trigger);
  });
}

}  // namespace

const FaultKind kSlowCloseFault = {"slow_close", "", &ReachOfConnection, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
