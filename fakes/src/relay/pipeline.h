// The faults of one connection, in order, and the pieces that wait after them.

#pragma once

#include <array>
#include <cstdint>

#include "fakes/src/relay/byte_fault.h"
#include "fakes/src/relay/lane.h"

namespace zlayer::fakes::daemon {

/// Calls no socket and no clock, so fuzzers can run it; the Relay's thread has those. Not
/// thread-safe.
class Pipeline {
 public:
  /// The first of `faults` is nearest to the client.
  explicit Pipeline(ByteFaults faults) : faults_(std::move(faults)) {}

  /// Opens all faults. Call once, before any Pass().
  void Open(std::int64_t now_ns);

  /// Passes a piece from the source of `direction` through the faults. What they emit waits in a
  /// Lane.
  void Pass(Direction direction, Piece piece) { PassTo(direction, 0, std::move(piece)); }

  /// False when a fault wants nothing more to be read from the source of `direction`.
  bool Reads(Direction direction) const;

  Lane& LaneOf(Direction direction) { return lanes_[direction == Direction::up ? 0 : 1]; }

 private:
  class FaultOutlet;

  /// Passes `piece` to the fault that is `steps` faults away from the source of `direction`, or to
  /// the lane when there is no such fault. Up, faults run in their order; down, in reverse.
  void PassTo(Direction direction, size_t steps, Piece piece);

  ByteFaults faults_;
  std::array<Lane, 2> lanes_;
};

}  // namespace zlayer::fakes::daemon
