// A network fault that drops all bytes after the first, and may end the connection a fixed time
// after the first dropped byte. It implements `timeout` and `reset_peer`.

#pragma once

#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {

class BlackHole final : public NetworkFault {
 public:
  /// What becomes of the connection.
  struct Outcome {
    Piece::Then then = Piece::Then::go_on;  ///< go_on: the connection stays open
    std::int64_t after_ns = 0;              ///< from the first dropped byte
  };

  BlackHole(v1::Direction direction, std::uint64_t after_bytes, Outcome outcome,
            const TriggerPtr& trigger)
      : NetworkFault(direction, after_bytes, trigger), outcome_(outcome) {}

 private:
  void Act(Direction direction, Piece piece, Outlet& out) override {
    const bool begins = !fired();
    if (begins && piece.bytes.empty()) return out.Emit(direction, std::move(piece));
    Fire();
    if (begins)
      out.Emit(direction, {.due_ns = piece.due_ns + outcome_.after_ns, .then = outcome_.then});
  }

  const Outcome outcome_;
};

}  // namespace zlayer::fakes::daemon
