// One set of TLS files, loaded, and what can be wrong with it.

#pragma once

#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "lifecycle/src/credentials/openssl_ptr.h"
#include "lifecycle/src/credentials/tls_layout.h"

namespace zlayer::sidecar {

/// What is wrong with a set of TLS files.
struct TlsDefect {
  /// The graver one last.
  enum class Kind {
    unusable,  // a new set mends it
    refused    // nobody but a person can tell what to do
  };
  Kind kind;
  std::string message;  // one line: the file's path, a colon, the reason
};

template <typename T>
using Inspected = tl::expected<T, TlsDefect>;

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
