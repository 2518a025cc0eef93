// Reads a PEM file that nobody else may have a hand in.

#pragma once

#include <string>

#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/tls_set.h"

namespace zlayer::sidecar {

enum class PemSecrecy {
  unchecked,  // whatever others may do with it
  open,       // others may read it, only the owner write it
  secret      // others may do neither
};

/// Whose files and directories are trusted: our own, and those of root, who can do everything
/// anyway.
bool Trusted(unsigned owner);

/// Whether ReadPemFile would open the file. Follows links.
Inspected<void> CheckPemFile(const std::string& path, PemSecrecy secrecy);

/// Follows links. An I/O error is no reason to replace a file: TlsDefect::Kind::refused, as is the
/// file of an owner who is not trusted.
Inspected<PemText> ReadPemFile(const std::string& path, PemSecrecy secrecy);

}  // namespace zlayer::sidecar
