#include "fakes/src/faults/registry.h"

#include "fakes/src/faults/kinds.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes {
namespace {

void Tell(Journal& journal, bool has_fired, int index, std::string_view kind) {
  journal.Write([&](v1::JournalEntry& entry) {
    v1::FaultEvent* event = has_fired ? entry.mutable_fault_fired() : entry.mutable_fault_armed();
    event->set_index(static_cast<unsigned>(index));
    event->set_kind(std::string(kind));
  });
}

}  // namespace

Stage StageOf(v1::Phase phase) {
  if (phase == v1::START) return Stage::start;
  return phase == v1::BOUND ? Stage::bound : Stage::after_line;
}

std::span<const FaultKind> FaultKinds() {
  static const FaultKind kKinds[] = {kBuildCancelIgnoredFault,
                                     kBuildCrashFault,
                                     kBuildEndFault,
                                     kExitFault,
                                     kFloodFault,
                                     kGrandchildFault,
                                     kHandshakeBytesFault,
                                     kHangFault,
                                     kIgnoreSignalsFault,
                                     kTlsCertificateFault,
                                     kTlsOffFault,
                                     kTlsRefuseClientFault};
  return kKinds;
}

const FaultKind* FindFaultKind(const v1::Fault& fault) {
  const auto* field = v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case());
  if (!field) return nullptr;
  for (const FaultKind& kind : FaultKinds()) {
    if (kind.name == field->name()) return &kind;
  }
  return nullptr;
}

Result<void> ApplyPlan(const v1::FaultPlan& plan, const DaemonFlags& flags, Journal& journal,
                       Peer& peer) {
  for (int i = 0; i < plan.fault_size(); ++i) {
    const v1::Fault& fault = plan.fault(i);
    const FaultKind* kind = FindFaultKind(fault);
    if (kind->check_flags) {
      if (auto possible = kind->check_flags(fault, flags); !possible) {
        return BadInput("fault[" + std::to_string(i) + "]." + possible.error().message);
      }
    }
    kind->apply(
        fault, [&journal, i, kind] { Tell(journal, true, i, kind->name); }, peer);
    Tell(journal, false, i, kind->name);
  }
  return {};
}

}  // namespace zlayer::fakes
