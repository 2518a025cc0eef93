// Cuts the stream into small slices that leave one by one.

#include <algorithm>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes {
namespace {

class Slicer final : public NetworkFault {
 public:
  Slicer(const v1::Slicer& slicer, const TriggerPtr& trigger, std::uint32_t number)
      : NetworkFault(slicer.direction(), slicer.after_bytes(), trigger),
        average_(slicer.average_size()),
        variation_(slicer.size_variation()),
        delay_ns_(slicer.delay_us() * kNsPerUs),
        chance_(ChanceOf(*trigger, number)) {}

 private:
  struct Lane {
    size_t left = 0;  // of the slice that has begun
    std::int64_t next_ns = 0;
  };

  /// The cuts are at the same places of the stream however it comes in, so that a seed repeats
  /// them.
  void Act(Direction direction, Piece piece, Outlet& out) override {
    Lane& lane = lanes_[direction];
    for (size_t at = 0; at < piece.bytes.size();) {
      Fire();
      if (lane.left == 0)
        lane.left = static_cast<size_t>(average_ + chance_[direction].Around(variation_));
      Piece slice{.bytes = piece.bytes.substr(at, lane.left),
                  .due_ns = std::max(piece.due_ns, lane.next_ns)};
      at += slice.bytes.size();
      lane.left -= slice.bytes.size();
      if (lane.left == 0) lane.next_ns = slice.due_ns + delay_ns_;
      EmitInOrder(direction, std::move(slice), out);
    }
    piece.bytes.clear();
    EmitInOrder(direction, std::move(piece), out);
  }

  const std::int64_t average_;
  const std::int64_t variation_;
  const std::int64_t delay_ns_;
  PerDirection<Random> chance_;
  PerDirection<Lane> lanes_;
};

Mistake Check(const v1::Fault& fault) {
  const v1::Slicer& slicer = fault.slicer();
  if (slicer.average_size() == 0) return {"average_size", "must be above 0"};
  if (slicer.size_variation() >= slicer.average_size()) {
    return {"size_variation", "must be below average_size"};
  }
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger, [slicer = fault.slicer(), trigger](std::uint32_t number) {
    return std::make_unique<Slicer>(slicer, trigger, number);
  });
}

}  // namespace

const FaultKind kSlicerFault = {"slicer", "", &ReachOfConnection, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes
