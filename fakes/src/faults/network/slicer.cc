// Fault `slicer`: cuts the stream into small slices that leave one by one.

#include <algorithm>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class SlicerFault final : public NetworkFault {
 public:
  SlicerFault(const v1::Slicer& slicer, const TriggerPtr& trigger, std::uint32_t number)
      : NetworkFault(slicer.direction(), slicer.after_bytes(), trigger),
        average_(slicer.average_size()),
        variation_(slicer.size_variation()),
        delay_ns_(slicer.delay_us() * kNsPerUs),
        chance_(ChanceOf(*trigger, number)) {}

 private:
  /// Where the slices of one direction are.
  struct Progress {
    size_t left = 0;           // bytes missing in the current slice; 0: the next byte begins one
    std::int64_t next_ns = 0;  // when the next slice may leave
  };

  /// Cuts depend on the position in the stream and not on the pieces in which it arrives, so the
  /// same seed cuts at the same places.
  void Act(Direction direction, Piece piece, Outlet& out) override {
    Progress& progress = progress_[direction];
    for (size_t at = 0; at < piece.bytes.size();) {
      Fire();
      if (progress.left == 0)
        progress.left = static_cast<size_t>(average_ + chance_[direction].Around(variation_));
      Piece slice{.bytes = piece.bytes.substr(at, progress.left),
                  .due_ns = std::max(piece.due_ns, progress.next_ns)};
      at += slice.bytes.size();
      progress.left -= slice.bytes.size();
      if (progress.left == 0) progress.next_ns = slice.due_ns + delay_ns_;
      EmitInOrder(direction, std::move(slice), out);
    }
    piece.bytes.clear();
    EmitInOrder(direction, std::move(piece), out);
  }

  const std::int64_t average_;
  const std::int64_t variation_;
  const std::int64_t delay_ns_;
  PerDirection<Random> chance_;
  PerDirection<Progress> progress_;
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
    return std::make_unique<SlicerFault>(slicer, trigger, number);
  });
}

}  // namespace

const FaultKind kSlicerFault = {"slicer", "", &ReachOfConnection, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
