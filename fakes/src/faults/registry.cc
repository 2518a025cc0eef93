#include "fakes/src/faults/registry.h"

#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/launch_count.h"

namespace zlayer::fakes::daemon {
namespace {

/// Checks what the plan's own check cannot see: the flags and the environment of this launch.
Result<void> CheckFlags(const v1::Fault& fault, const FaultKind& kind, const DaemonFlags& flags,
                        std::uint32_t launch) {
  if (kind.check_flags) {
    if (auto possible = kind.check_flags(fault, flags); !possible) return possible;
  }
  if (launch == 0 && (fault.when().from_launch() != 0 || fault.when().launches() != 0)) {
    return BadInput(
        "when: launches are not counted; set ZLAYER_FAKE_STATE to a directory for the count");
  }
  return {};
}

/// Which of the two runs of a launch with `re_exec` this is, and so which faults happen in it. The
/// first run is the launcher: the faults of START up to `re_exec` happen in it, and all others only
/// if `re_exec` does not. The second run is the daemon: the others happen in it.
class Run {
 public:
  explicit Run(const v1::FaultPlan& plan) : plan_(plan), is_second_(IsReExecuted()) {
    for (int i = 0; i < plan.fault_size(); ++i) {
      if (plan.fault(i).has_re_exec()) re_exec_ = i;
    }
  }

  /// The fault has had its occasion in the first run.
  bool IsOver(int index) const { return is_second_ && IsTheLaunchers(index); }
  /// Whether the fault has an occasion in this run is known only when `re_exec` has had its own.
  bool IsLater(int index) const { return re_exec_ >= 0 && !is_second_ && !IsTheLaunchers(index); }

 private:
  bool IsTheLaunchers(int index) const {
    const v1::Fault& fault = plan_.fault(index);
    return index <= re_exec_ && FindFaultKind(fault)->reach(fault).stage == Stage::start;
  }

  const v1::FaultPlan& plan_;
  const bool is_second_;
  int re_exec_ = -1;
};

}  // namespace

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

Result<void> ApplyPlan(const v1::FaultPlan& plan, const DaemonFlags& flags, std::uint32_t launch,
                       Journal& journal, Peer& peer) {
  const Run run(plan);
  for (int i = 0; i < plan.fault_size(); ++i) {
    const v1::Fault& fault = plan.fault(i);
    const FaultKind& kind = *FindFaultKind(fault);
    if (kind.reach(fault).stage == Stage::command || run.IsOver(i)) continue;
    if (auto possible = CheckFlags(fault, kind, flags, launch); !possible) {
      return BadInput("fault[" + std::to_string(i) + "]." + possible.error().message);
    }
    const auto trigger = std::make_shared<Trigger>(plan, i, launch, journal, *peer.happenings);
    kind.apply(fault, trigger, peer);
    if (run.IsLater(i)) {
      peer.without_launcher->push_back(trigger);
    } else {
      trigger->Arm();
    }
  }
  return {};
}

}  // namespace zlayer::fakes::daemon
