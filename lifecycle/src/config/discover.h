// Where the binary is.

#pragma once

#include <string>

#include "zlayer/sidecar/environment.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The first executable regular file of: $ZLAYER_BUILDD_BIN, <data_dir>/bin/zlayer-buildd,
/// zlayer-buildd in each directory of $PATH. ErrorKind::binary_not_found lists every path that was
/// tried, in order.
Result<std::string> DiscoverBinary(const Environment& environment, const std::string& data_dir);

}  // namespace zlayer::sidecar
