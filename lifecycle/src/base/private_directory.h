// Directories of mode 0700: storage roots and the TLS directory.

#pragma once

#include <string>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Creates `path` and its missing parents. Sets `path` itself to mode 0700, also if it existed. An
/// error is of kind `kind`; its message names the component that failed and the errno text.
Result<void> CreatePrivateDirectory(const std::string& path, ErrorKind kind);

}  // namespace zlayer::sidecar
