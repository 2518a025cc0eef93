// Reads a PEM file, and checks before that nobody else can have written it.

#pragma once

#include <string>

#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/tls_set.h"

namespace zlayer::sidecar {

/// What the file's mode may allow to the group and to others. A file that allows more is
/// TlsDefect::Kind::unusable.
enum class PemSecrecy {
  unchecked,  // everything
  open,       // reading
  secret      // nothing
};

/// Whether files and directories of this user id are trusted: our own are, and those of root, who
/// can replace any file anyway.
bool IsTrustedOwner(unsigned uid);

/// The checks of ReadPemFile that need no open file: type, owner, mode, size. Follows links.
Inspected<void> CheckPemFile(const std::string& path, PemSecrecy secrecy);

/// Follows links, and never blocks on a FIFO. TlsDefect::Kind::refused for a file of another user,
/// and for an I/O error or a lack of descriptors, which are no reason to throw a set away.
Inspected<PemText> ReadPemFile(const std::string& path, PemSecrecy secrecy);

}  // namespace zlayer::sidecar
