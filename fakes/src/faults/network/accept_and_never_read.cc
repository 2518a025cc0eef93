// Fault `accept_and_never_read`: accepts connections and reads nothing. Once the socket buffers are
// full, the client's writes block.

#include "fakes/src/faults/kinds.h"
#include "fakes/src/faults/network/network_fault.h"

namespace zlayer::fakes::daemon {
namespace {

class Unread final : public ByteFault {
 public:
  explicit Unread(TriggerPtr trigger) : trigger_(std::move(trigger)) {}

 private:
  void Open(std::int64_t /*now_ns*/, Outlet& /*out*/) override { trigger_->Fired(); }
  void Pass(Direction direction, Piece piece, Outlet& out) override {
    out.Emit(direction, std::move(piece));
  }
  bool Reads(Direction direction) const override { return direction == Direction::down; }

  const TriggerPtr trigger_;
};

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::accepting, .ends_start = true};
}

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  ChangeConnections(peer, trigger,
                    [trigger](std::uint32_t) { return std::make_unique<Unread>(trigger); });
}

}  // namespace

const FaultKind kAcceptAndNeverReadFault = {
    "accept_and_never_read", "", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
