// `--mint-tls`: writes the TLS files of a data directory.
//
// This room, mint/, makes certificates. certificate.h turns a CertificateDraft into a certificate
// and its key. tls_set.h writes a complete valid set for tests that need one; defective_leaf.h
// makes the leaves of the fault `tls_certificate` when the fake starts; revocation_list.h makes the
// CRL that goes with a set. Only tls_set.cc writes files. All certificates are made new, relative
// to the current time, so none can expire in a checkout. Start reading at certificate.h.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"
#include "fakes/src/mint/certificate.h"

namespace zlayer::fakes::daemon {

/// Makes a CA and a leaf that it signs, and writes ca.pem, ca-key.pem, cert.pem, key.pem and the
/// CA's CRL, crl.pem, with mode 0600. The CA's key is of the same kind as the leaf's. Creates
/// `directory` with mode 0700 when it is missing. If one of the files exists, fails with bad input
/// and writes nothing.
Result<void> MintTlsSet(const std::string& directory, const CertificateDraft& leaf);

}  // namespace zlayer::fakes::daemon
