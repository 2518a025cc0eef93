// Fault `clock`: the daemon's clock is wrong, for its log and for the verification of certificates.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::int64_t kGreatestOffset = std::int64_t{100} * 365 * 24 * 3600;

Reach ReachOf(const v1::Fault& /*fault*/) {
  return {.stage = Stage::serving, .in_handshake = true, .verifies_client = true};
}

Mistake Check(const v1::Fault& fault) {
  const std::int64_t offset = fault.clock().offset_secs();
  if (offset == 0) return {"offset_secs", "must not be 0"};
  if (offset < -kGreatestOffset || offset > kGreatestOffset) {
    return {"offset_secs", "must be at most 3153600000, which are 100 years, in either direction"};
  }
  return {};
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  const std::int64_t offset = fault.clock().offset_secs();
  peer.clock_offset_secs = offset;
  peer.tls_changes.push_back(
      [offset, trigger](const DaemonFlags&, TlsFaults& faults) -> Result<void> {
        faults.clock = {offset, trigger};
        return {};
      });
}

}  // namespace

const FaultKind kClockFault = {"clock", "clock", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
