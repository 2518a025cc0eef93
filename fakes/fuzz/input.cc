#include "fakes/fuzz/input.h"

#include <memory>

#include "fakes/src/faults/registry.h"
#include "fakes/src/plan/unknown_value.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr int kMostFaults = 4;
constexpr std::uint32_t kMostRepeated = 50;

template <typename Message>
void Bound(Message* message) {
  message->set_count(std::min(message->count(), kMostRepeated));
}

/// Removes what depends on the time of day, and bounds floods, so that one input takes little time.
void KeepSmall(v1::Fault& fault) {
  if (fault.has_when()) fault.mutable_when()->clear_after_ms();
  if (fault.has_http2_settings()) Bound(fault.mutable_http2_settings());
  if (fault.has_http2_ping()) Bound(fault.mutable_http2_ping());
  if (fault.has_http2_header_block()) Bound(fault.mutable_http2_header_block());
}

}  // namespace

InputFaults::InputFaults(Input& input) {
  v1::FaultPlan plan;
  // If the bytes do not parse to the end, use the part that has been parsed.
  (void)plan.ParsePartialFromString(std::string(input.Take(input.Byte())));
  plan_.set_seed(plan.seed());
  for (v1::Fault& fault : *plan.mutable_fault()) {
    const FaultKind* kind = FindFaultKind(fault);
    if (!kind || !UnknownValue(fault).empty() || !kind->check(fault).field.empty()) continue;
    if (plan_.fault_size() == kMostFaults) break;
    KeepSmall(fault);
    *plan_.add_fault() = std::move(fault);
    const int index = plan_.fault_size() - 1;
    const auto trigger = std::make_shared<Trigger>(plan_, index, 1, journal_, *peer_.happenings);
    kind->apply(plan_.fault(index), trigger, peer_);
    trigger->Arm();
  }
}

}  // namespace zlayer::fakes::daemon
