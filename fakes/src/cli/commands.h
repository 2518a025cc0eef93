// The words for people: each prints something and ends, nothing is started.

#pragma once

#include <optional>

#include "fakes/src/base/failure.h"
#include "fakes/src/cli/options.h"

namespace zlayer::fakes {

/// What goes to stdout; empty optional: no such word, be a daemon.
Result<std::optional<std::string>> RunCommand(const Options& options);

}  // namespace zlayer::fakes
