// The FaultKind constants, one for each fault. Each is defined in the file of its fault.

#pragma once

#include "fakes/src/faults/registry.h"

namespace zlayer::fakes::daemon {

extern const FaultKind kAcceptAndNeverReadFault;
extern const FaultKind kBandwidthFault;
extern const FaultKind kBuildCancelIgnoredFault;
extern const FaultKind kBuildCrashFault;
extern const FaultKind kBuildEndFault;
extern const FaultKind kBurnCpuFault;
extern const FaultKind kClockFault;
extern const FaultKind kCloseListenerFault;
extern const FaultKind kDelayFault;
extern const FaultKind kDownFault;
extern const FaultKind kEarlyLineFault;
extern const FaultKind kExitFault;
extern const FaultKind kFillDiskFault;
extern const FaultKind kFloodFault;
extern const FaultKind kGrandchildFault;
extern const FaultKind kGrpcHeadersFault;
extern const FaultKind kGrpcMessageFault;
extern const FaultKind kGrpcMetadataFault;
extern const FaultKind kGrpcPayloadFault;
extern const FaultKind kGrpcStatusFault;
extern const FaultKind kHalfCloseFault;
extern const FaultKind kHandshakeBytesFault;
extern const FaultKind kHangFault;
extern const FaultKind kHealthFault;
extern const FaultKind kHttp2FrameFault;
extern const FaultKind kHttp2GoawayFault;
extern const FaultKind kHttp2HeaderBlockFault;
extern const FaultKind kHttp2LimitFault;
extern const FaultKind kHttp2PingFault;
extern const FaultKind kHttp2RstStreamFault;
extern const FaultKind kHttp2SettingsFault;
extern const FaultKind kIgnoreSignalsFault;
extern const FaultKind kLatencyFault;
extern const FaultKind kLeakFdsFault;
extern const FaultKind kLimitDataFault;
extern const FaultKind kNeverAcceptFault;
extern const FaultKind kPauseFault;
extern const FaultKind kReExecFault;
extern const FaultKind kResetAfterFault;
extern const FaultKind kResetPeerFault;
extern const FaultKind kRpcFault;
extern const FaultKind kSlicerFault;
extern const FaultKind kSlowCloseFault;
extern const FaultKind kStopFault;
extern const FaultKind kStopSelfFault;
extern const FaultKind kStorageFailsFault;
extern const FaultKind kTakeMemoryFault;
extern const FaultKind kTimeoutFault;
extern const FaultKind kTlsCertificateFault;
extern const FaultKind kTlsClientCertificateFault;
extern const FaultKind kTlsHandshakeFault;
extern const FaultKind kTlsKeyUpdateFault;
extern const FaultKind kTlsOffFault;
extern const FaultKind kTlsOfferFault;
extern const FaultKind kTlsOpeningFault;
extern const FaultKind kTlsRefuseClientFault;
extern const FaultKind kVersionOutputFault;

}  // namespace zlayer::fakes::daemon
