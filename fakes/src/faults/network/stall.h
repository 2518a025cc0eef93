// Drops all that comes, and ends the connection so long after the first of it.

#pragma once

#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes {

class Stall final : public NetworkFault {
 public:
  struct End {
    Piece::Then then = Piece::Then::go_on;  ///< go_on: it never ends
    std::int64_t after_ns = 0;
  };

  Stall(v1::Direction direction, std::uint64_t after_bytes, End end, const TriggerPtr& trigger)
      : NetworkFault(direction, after_bytes, trigger), end_(end) {}

 private:
  void Act(Direction direction, Piece piece, Outlet& out) override {
    const bool begins = !fired();
    if (begins && piece.bytes.empty()) return out.Emit(direction, std::move(piece));
    Fire();
    if (begins) out.Emit(direction, {.due_ns = piece.due_ns + end_.after_ns, .then = end_.then});
  }

  const End end_;
};

}  // namespace zlayer::fakes
