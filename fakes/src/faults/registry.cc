#include "fakes/src/faults/registry.h"

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {

Stage StageOf(v1::Phase phase) {
  if (phase == v1::START) return Stage::start;
  if (phase == v1::SERVING) return Stage::background;
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
                                     kCloseListenerFault,
                                     kDelayFault,
                                     kDownFault,
                                     kEarlyLineFault,
                                     kExitFault,
                                     kFillDiskFault,
                                     kFloodFault,
                                     kGrandchildFault,
                                     kGrpcHeadersFault,
                                     kGrpcMessageFault,
                                     kGrpcMetadataFault,
                                     kGrpcPayloadFault,
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
                                     kStorageFailsFault,
                                     kTakeMemoryFault,
                                     kTimeoutFault,
                                     kTlsCertificateFault,
                                     kTlsClientCertificateFault,
                                     kTlsHandshakeFault,
                                     kTlsKeyUpdateFault,
                                     kTlsOffFault,
                                     kTlsOfferFault,
                                     kTlsOpeningFault,
                                     kTlsRefuseClientFault,
                                     kVersionOutputFault};
  return kKinds;
}

const FaultKind* FindFaultKind(const v1::Fault& fault) {
  const auto* field = v1::Fault::descriptor()->FindFieldByNumber(fault.kind_case());
  return field ? FindFaultKind(field->name()) : nullptr;
}

const FaultKind* FindFaultKind(std::string_view name) {
  for (const FaultKind& kind : FaultKinds()) {
    if (kind.name == name) return &kind;
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
    const auto trigger = std::make_shared<Trigger>(plan, i, 0, journal, *peer.happenings);
    kind.apply(fault, trigger, peer);
    trigger->Arm();
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
