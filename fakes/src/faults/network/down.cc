// Fault `down`: resets every connection right after it was accepted.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class ResetAtOnce final : public ByteFault {
 public:
  explicit ResetAtOnce(TriggerPtr trigger) : trigger_(std::move(trigger)) {}

 private:
  void Open(std::int64_t now_ns, Outlet& out) override {
    trigger_->Fired();
    out.Emit(Direction::down, {.due_ns = now_ns, .then = Piece::Then::reset});
  }
  void Pass(Direction /*direction*/, Piece /*piece*/, Outlet& /*out*/) override {}

  const TriggerPtr trigger_;
};

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::accepting, .ends_start = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger,
                    [trigger](std::uint32_t) { return std::make_unique<ResetAtOnce>(trigger); });
}

}  // namespace

const FaultKind kDownFault = {"down", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
