// Directories that only their owner may enter: storage roots and the TLS directory.

#pragma once

#include <string>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Creates `path` with its parents where they are missing and sets `path` itself to mode 0700.
/// ErrorKind `kind` names the part of the path that failed and the errno text.
Result<void> CreatePrivateDirectory(const std::string& path, ErrorKind kind);

}  // namespace zlayer::sidecar
