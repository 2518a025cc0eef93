// Fault `close_listener`: stops listening, and goes on serving its connections.

#include <memory>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::background}; }

[[noreturn]] void Fail(const Failure& failure, Start& start) {
  start.log.Error(failure.message);
  Leave(start.journal, failure.exit_code, failure.message);
}

/// What the main thread does, since it is the one that accepts. Once the daemon stops, it has no
/// listening socket, and nothing is left to do.
class Listening {
 public:
  explicit Listening(TriggerPtr trigger) : trigger_(std::move(trigger)) {}

  void Close(Start& start) {
    if (!start.listener.socket) return;
    Result<UniqueFd> held = CloseAndHold(start.listener);
    if (!held) Fail(held.error(), start);
    held_ = std::move(*held);
    trigger_->Fired();
  }

  void Reopen(Start& start) {
    if (!start.listener.socket || !held_) return;
    if (auto listens = ListenAgain(start.listener, held_); !listens) Fail(listens.error(), start);
    held_.Reset();
  }

 private:
  const TriggerPtr trigger_;
  UniqueFd held_;  // bound to the port
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const auto listening = std::make_shared<Listening>(trigger);
  peer.Add(v1::SERVING, trigger,
           [reopen_ms = fault.close_listener().reopen_ms(), trigger, listening](
               Start& start, const Waiter& wait) {
             if (!trigger->Take()) return;
             start.signals.Post([listening, &start] { listening->Close(start); });
             if (reopen_ms == 0) return;
             const std::int64_t due = MonotonicNs() + std::int64_t{reopen_ms} * 1'000'000;
             if (wait(-1, 0, due) == Woke::stop) return;
             start.signals.Post([listening, &start] { listening->Reopen(start); });
           });
  peer.at_disarm.push_back([listening](Start& start) {
    start.signals.Post([listening, &start] { listening->Reopen(start); });
  });
}

}  // namespace

const FaultKind kCloseListenerFault = {"close_listener", "accept", &ReachOf,
                                       &NoMistake,       nullptr,  &Apply};

}  // namespace zlayer::fakes::daemon
