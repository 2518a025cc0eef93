// The files of the TLS directory: ca.pem, cert.pem, key.pem.

#pragma once

#include <string>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

struct TlsMaterial {
  std::string ca_path;
  std::string cert_path;
  std::string key_path;
};

/// The three files of `directory`, made when one of them is missing. Each is born with mode 0600
/// under another name and renamed into place; one process writes at a time (a lock on the file
/// `.lock` in the directory). ErrorKind::tls_material names the file and the reason.
Result<TlsMaterial> EnsureTlsMaterial(const std::string& directory);

}  // namespace zlayer::sidecar
