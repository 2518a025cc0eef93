#include "fakes/src/relay/pipeline.h"

#include <algorithm>
#include <utility>

namespace zlayer::fakes {

/// Passes on what the fault at `place` emits.
class Pipeline::Stage final : public Outlet {
 public:
  Stage(Pipeline& pipeline, size_t place) : pipeline_(pipeline), place_(place) {}
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
    Stage stage(*this, i);
    faults_[i]->Open(now_ns, stage);
  }
}

bool Pipeline::Reads(Direction direction) const {
  return std::all_of(faults_.begin(), faults_.end(),
                     [&](const auto& fault) { return fault->Reads(direction); });
}

void Pipeline::PassTo(Direction direction, size_t steps, Piece piece) {
  if (steps == faults_.size()) return LaneOf(direction).Enqueue(std::move(piece));
  const size_t place = direction == Direction::up ? steps : faults_.size() - 1 - steps;
  Stage stage(*this, place);
  faults_[place]->Pass(direction, std::move(piece), stage);
}

}  // namespace zlayer::fakes
