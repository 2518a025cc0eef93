// Fault `tls_key_update`: a storm of KeyUpdate messages right after the handshake.

#include "fakes/src/faults/defaults.h"
#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

/// What a client must answer to more than these does not fit into the buffers of a connection.
constexpr std::uint32_t kGreatestCount = 100'000;

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .in_handshake = true, .needs_tls13 = true};
}

Mistake Check(const v1::Fault& fault) {
  if (fault.tls_key_update().count() <= kGreatestCount) return {};
  return {"count", "must be at most 100000"};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const std::uint32_t count = fault.tls_key_update().count();
  const KeyUpdates updates = {.count = count == 0 ? kDefaultFrameCount : count,
                              .ask_for_answer = !fault.tls_key_update().unanswered()};
  peer.tls_changes.push_back(
      [updates, trigger](const DaemonFlags&, TlsFaults& tls) -> Result<void> {
        tls.key_updates = KeyUpdateStorm{updates, trigger};
        return {};
      });
}

}  // namespace

const FaultKind kTlsKeyUpdateFault = {"tls_key_update", "tls_key_update", &ReachOf,
                                      &Check,           nullptr,          &Apply};

}  // namespace zlayer::fakes::daemon
