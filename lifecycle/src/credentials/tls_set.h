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
  /// Ordered: LoadTlsSet reports the greatest kind that it finds.
  enum class Kind {
    unusable,  // a new set mends it
    refused    // a new set could do harm: a person must decide
  };
  Kind kind;
  std::string message;  // one line: the file's path, a colon, the reason
};

/// The path may hold any bytes: the message shows them escaped. `reason` is this library's words.
TlsDefect DefectOf(TlsDefect::Kind kind, const std::string& path, const std::string& reason);

template <typename T>
using Inspected = tl::expected<T, TlsDefect>;

/// The name that a sidecar's certificate carries, whatever its address.
inline constexpr const char* kSidecarName = "zlayer-buildd";

struct TlsSet {
  TlsPaths paths;  // the files it was read from, for the sidecar's flags and for messages
  std::vector<X509Ptr> authorities;
  std::vector<X509Ptr> chain;  // the leaf first
  EvpKeyPtr key;
};

/// Reads and parses each file once, and checks owners and modes. Does not check that the three
/// belong together or that TLS accepts them: see FindTlsDefect.
Inspected<TlsSet> LoadTlsSet(const TlsPaths& paths);

}  // namespace zlayer::sidecar
