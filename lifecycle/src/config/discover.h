// Finds the zlayer-buildd binary.

#pragma once

#include <string>

#include "zlayer/sidecar/environment.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The first executable regular file of: $ZLAYER_BUILDD_BIN, <data_dir>/bin/zlayer-buildd,
/// zlayer-buildd in each directory of $PATH. A set but unusable $ZLAYER_BUILDD_BIN is passed over
/// like the others. ErrorKind::binary_not_found lists every path that was tried, in order, and why
/// it was passed over; beyond 8 KiB of such text only how many more there were.
Result<std::string> DiscoverBinary(const Environment& environment, const std::string& data_dir);

}  // namespace zlayer::sidecar
