// Takes a cancel by id and goes on building.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::serving}; }

void Apply(const v1::Fault& /*fault*/, const Fired& fired, Peer& peer) {
  peer.build_changes.push_back(
      [fired](BuildScript& script, Journal&) { script.instead_of_cancel = fired; });
}

}  // namespace

const FaultKind kBuildCancelIgnoredFault = {
    "build_cancel_ignored", "build", &ReachOf, &NoMistake, nullptr, &Apply};

}  // namespace zlayer::fakes
