// Server certificates with one defect each: the rows of the mTLS matrix.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/tls/openssl_types.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

/// False: the defect does not need the right CA's private key.
bool NeedsAuthority(v1::TlsCertificate::Defect defect);

/// A leaf, and the chain to send with it. `ca`: the right CA, with its key where NeedsAuthority().
Result<Identity> MintDefectiveLeaf(v1::TlsCertificate::Defect defect, const Identity& ca);

}  // namespace zlayer::fakes
