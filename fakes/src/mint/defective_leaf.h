// Server certificates with one defect each, for the fault `tls_certificate`.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// True when a certificate with this defect must be signed by the right CA, so that the CA's
/// private key is needed.
bool NeedsAuthority(v1::TlsCertificate::Defect defect);

/// Makes a leaf with this defect, and the chain to send with it. `ca` is the right CA; it must have
/// its key when NeedsAuthority() is true.
Result<Identity> MintDefectiveLeaf(v1::TlsCertificate::Defect defect, const Identity& ca);

}  // namespace zlayer::fakes::daemon
