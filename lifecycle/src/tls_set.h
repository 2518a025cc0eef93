// One set of TLS files, loaded.

#pragma once

#include <vector>

#include "openssl_ptr.h"
#include "tls_defect.h"
#include "tls_layout.h"

namespace zlayer::sidecar {

/// The name that a sidecar's certificate carries, whatever its address.
inline constexpr const char* kSidecarName = "zlayer-buildd";

struct TlsSet {
  TlsPaths paths;  // where it was read, for the sidecar's flags and for messages
  std::vector<X509Ptr> authorities;
  std::vector<X509Ptr> chain;  // the leaf first
  EvpKeyPtr key;
};

/// Reads and parses each file once. What it returns is complete; see FindTlsDefect for the rest.
Inspected<TlsSet> LoadTlsSet(const TlsPaths& paths);

}  // namespace zlayer::sidecar
