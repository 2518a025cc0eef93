// A network fault that ends a direction, or the connection, after its first bytes. It implements
// `limit_data`, `reset_after` and `half_close`.

#pragma once

#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {

class Cut final : public NetworkFault {
 public:
  Cut(v1::Direction direction, std::uint64_t after_bytes, Piece::Then then,
      const TriggerPtr& trigger)
      : NetworkFault(direction, after_bytes, trigger), then_(then) {}

 private:
  void FirstBytesPassed(Direction direction, std::int64_t now_ns, Outlet& out) override {
    Fire();
    out.Emit(direction, {.due_ns = now_ns, .then = then_});
  }

  void Act(Direction /*direction*/, Piece /*piece*/, Outlet& /*out*/) override {}

  const Piece::Then then_;
};

}  // namespace zlayer::fakes::daemon
