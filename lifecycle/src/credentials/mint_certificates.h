// Makes the private CA and the leaf that it signs, as protocol section 3 describes them.

#pragma once

#include "lifecycle/src/credentials/openssl_ptr.h"

namespace zlayer::sidecar {

struct MintedCertificates {
  X509Ptr ca;
  X509Ptr leaf;
  EvpKeyPtr leaf_key;
};

/// Drops the CA's private key when it returns, so nothing else can ever be signed with it. All
/// three are null when OpenSSL fails; its error queue says why.
MintedCertificates MintCertificates();

}  // namespace zlayer::sidecar
