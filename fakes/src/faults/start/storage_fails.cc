// Fault `storage_fails`: the storage cannot be opened, so the start ends before the socket listens.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::opening, .ends_start = true, .ends = true, .at_once = true};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  std::string error = fault.storage_fails().error();
  if (error.empty()) error = kDefaultStorageError;
  peer.storage_error = [error, trigger] { return trigger->Happens() ? error : ""; };
}

}  // namespace

const FaultKind kStorageFailsFault = {"storage_fails", "storage", &ReachOf,
                                      &NoMistake,      nullptr,   &Apply};

}  // namespace zlayer::fakes::daemon
