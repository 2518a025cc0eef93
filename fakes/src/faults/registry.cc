#include "fakes/src/faults/registry.h"

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
Stage StageOf(v1::Phase phase) {
  if (phase == v1::START) return Stage::start;
  if (phase == v1::SERVING) return Stage::serving;
  return phase == v1::BOUND ? Stage::bound : Stage::after_line;
}

std::span<const FaultKind> FaultKinds() {
  static const FaultKind kKinds[] = {kAcceptAndNeverReadFault,
                                     kBandwidthFault,
                                     kBuildCancelIgnoredFault,
                                     kBuildCrashFault,
                                     kBuildEndFault,
                                     kBurnCpuFault,
                                     kClockFault,
                                     kDelayFault,
                                     kDownFault,
                                     kExitFault,
                                     kFillDiskFault,
                                     kFloodFault,
                                     kGrandchildFault,
                                     kGrpcHeadersFault,
                                     kGrpcMessageFault,
                                     kGrpcStatusFault,
                                     kHalfCloseFault,
                                     kHandshakeBytesFault,
                                     kHangFault,
                                     kHealthFault,
                                     kHttp2FrameFault,
                                     kHttp2GoawayFault,
                                     kHttp2HeaderBlockFault,
                                     kHttp2LimitFault,
                                     kHttp2PingFault,
                                     kHttp2RstStreamFault,
                                     kHttp2SettingsFault,
                                     kIgnoreSignalsFault,
                                     kLatencyFault,
                                     kLeakFdsFault,
                                     kLimitDataFault,
                                     kNeverAcceptFault,
                                     kPauseFault,
                                     kReExecFault,
                                     kResetAfterFault,
                                     kResetPeerFault,
                                     kRpcFault,
                                     kSlicerFault,
                                     kSlowCloseFault,
                                     kStopFault,
                                     kStopSelfFault,
                                     kTakeMemoryFault,
                                     kTimeoutFault,
                                     kTlsCertificateFault,
                                     kTlsClientCertificateFault,
                                     kTlsHandshakeFault,
                                     kTlsOffFault,
                                     kTlsOfferFault,
                                     kTlsOpeningFault,
                                     kTlsRefuseClientFault,
                                     kVersionOutputFault};
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

Mistake NotSet(std::string field, const google::protobuf::EnumDescriptor* values) {
  std::string names;
  for (int i = 1; i < values->value_count(); ++i) {
    names += (names.empty() ? "" : ", ") + values->value(i)->name();
  }
  return {std::move(field), "is not set; valid: " + names};
}

void ApplyVersionFaults(const v1::FaultPlan& plan, Journal& journal, Peer& peer) {
  for (int i = 0; i < plan.fault_size(); ++i) {
    const v1::Fault& fault = plan.fault(i);
    const FaultKind& kind = *FindFaultKind(fault);
    if (kind.reach(fault).stage != Stage::command) continue;
    const auto trigger = std::make_shared<Trigger>(plan, i, 0, journal);
    trigger->Arm();
    kind.apply(fault, trigger, peer);
  }
}

Result<void> CheckLaunch(const v1::Fault& fault, const DaemonFlags& flags, std::uint32_t launch) {
  const FaultKind& kind = *FindFaultKind(fault);
  if (kind.check_flags) {
    if (auto possible = kind.check_flags(fault, flags); !possible) return possible;
  }
  if (launch == 0 && (fault.when().from_launch() != 0 || fault.when().launches() != 0)) {
    return BadInput(
        "when: launches are not counted; set ZLAYER_FAKE_STATE to a directory for the count");
  }
  return {};
}

}  // namespace zlayer::fakes::daemon
