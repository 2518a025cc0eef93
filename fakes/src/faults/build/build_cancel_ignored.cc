// Fault `build_cancel_ignored`: Cancel answers `cancelled: true`, but the build goes on.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true, .in_service = true}; }

void Apply(const v1::Fault& /*fault*/, const TriggerPtr& trigger, Peer& peer) {
  peer.build_changes.push_back([trigger](BuildScript& script, Journal&) {
    script.ignores_cancel = [trigger] { return trigger->Happens(); };
  });
}

}  // namespace

const FaultKind kBuildCancelIgnoredFault = {
    "build_cancel_ignored", "build", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
