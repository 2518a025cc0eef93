#include "fakes/src/relay/pipeline.h"

#include <algorithm>
#include <utility>

namespace zlayer::fakes::daemon {

/// The outlet of the fault at `place`: passes what it emits to the next fault.
class Pipeline::FaultOutlet final : public Outlet {
 public:
  FaultOutlet(Pipeline& pipeline, size_t place) : pipeline_(pipeline), place_(place) {}
  void Emit(Direction direction, Piece piece) override {
    const size_t behind = pipeline_.faults_.size() - 1 - place_;
    pipeline_.PassTo(direction, (direction == Direction::up ? place_ : behind) + 1,
                     std::move(piece));
  }

 private:
  Pipeline& pipeline_;
  size_t place_;
};

void Pipeline::Open(std::int64_t now_ns) {
  for (size_t i = 0; i < faults_.size(); ++i) {
    FaultOutlet outlet(*this, i);
    faults_[i]->Open(now_ns, outlet);
  }
}

bool Pipeline::Reads(Direction direction) const {
  return std::all_of(faults_.begin(), faults_.end(),
                     [&](const auto& fault) { return fault->Reads(direction); });
}

void Pipeline::PassTo(Direction direction, size_t steps, Piece piece) {
  if (steps == faults_.size()) return LaneOf(direction).Enqueue(std::move(piece));
  const size_t place = direction == Direction::up ? steps : faults_.size() - 1 - steps;
  FaultOutlet outlet(*this, place);
  faults_[place]->Pass(direction, std::move(piece), outlet);
}

}  // namespace zlayer::fakes::daemon
