#include "fakes/src/faults/single_fault.h"

#include <utility>

namespace zlayer::fakes::daemon {

SingleFault::SingleFault(const v1::Fault& fault, std::uint32_t index, TriggerPtr trigger,
                         const Peer& honest)
    : index_(index), fault_(fault), trigger_(std::move(trigger)), changes_(honest) {
  kind().apply(fault_, trigger_, changes_);
}

void SingleFault::Begin(Start& start) {
  for (const StartStep& step : changes_.at_phase[v1::SERVING]) step(start);
  companions_ = std::make_unique<Companions>(changes_.beside, start);
}

void SingleFault::End(Start* start) {
  trigger_->Disarm();
  StopWorks();
  if (!start) return;
  for (const StartStep& step : changes_.at_disarm) step(*start);
}

}  // namespace zlayer::fakes::daemon
