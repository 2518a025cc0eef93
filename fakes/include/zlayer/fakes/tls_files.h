// TLS material as a daemon and its client share it: a CA of their own, and one leaf for both.
//
//   auto expired = MintTls("/tmp/expired", std::chrono::seconds(-60));
//   if (!expired) return Fail(expired.error().message);
//   options.arguments = {"--tls-cert", expired->cert, "--tls-key", expired->key};

#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "zlayer/fakes/error.h"

namespace zlayer::fakes {

/// Paths of PEM files.
struct TlsFiles {
  std::string ca;
  std::string ca_key;
  std::string cert;
  std::string key;
};

TlsFiles TlsFilesIn(const std::string& directory);

/// Writes a new set to `directory`, which is made if its parent is there; files are never
/// overwritten. The leaf ends so long after now; negative: it has. Runs fake-zlayer-buildd.
/// fake_not_found, io, options_invalid.
[[nodiscard]] Result<TlsFiles> MintTls(const std::string& directory,
                                       std::optional<std::chrono::seconds> leaf_ends_in = {});

}  // namespace zlayer::fakes
