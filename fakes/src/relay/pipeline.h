// The faults of one connection in their order, and what waits behind them.

#pragma once

#include <array>
#include <cstdint>

#include "fakes/src/relay/byte_fault.h"
#include "fakes/src/relay/lane.h"

namespace zlayer::fakes {

/// Knows no socket and no clock: the relay's thread has those.
class Pipeline {
 public:
  /// The first of `faults` is next to the client.
  explicit Pipeline(ByteFaults faults) : faults_(std::move(faults)) {}

  /// The connection is there, and nothing has come yet.
  void Open(std::int64_t now_ns);

  /// Takes what the source of `direction` has; what comes of it waits in a lane.
  void Pass(Direction direction, Piece piece) { PassTo(direction, 0, std::move(piece)); }

  /// False: some fault wants nothing more to be read from this direction's source.
  bool Reads(Direction direction) const;

  Lane& LaneOf(Direction direction) { return lanes_[direction == Direction::up ? 0 : 1]; }

 private:
  class Stage;

  /// To the fault that comes `steps` after the source in this direction, or behind the last one.
  void PassTo(Direction direction, size_t steps, Piece piece);

  ByteFaults faults_;
  std::array<Lane, 2> lanes_;
};

}  // namespace zlayer::fakes
