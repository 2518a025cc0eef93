// Reads a PEM file, and checks that nobody else can have written it.

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

/// The checks of ReadPemFile without reading: type, owner, mode, size. Follows links. Another file
/// may be at `path` a moment later, so a caller that reads calls ReadPemFile alone.
Inspected<void> CheckPemFile(const std::string& path, PemSecrecy secrecy);

/// Opens the file and judges the open file: what was checked is what is read. Follows links, and
/// never blocks on a FIFO. TlsDefect::Kind::refused for a file of another user or one that grows
/// meanwhile, and for an I/O error or a lack of descriptors: no reason to throw a set away.
Inspected<PemText> ReadPemFile(const std::string& path, PemSecrecy secrecy);

}  // namespace zlayer::sidecar
