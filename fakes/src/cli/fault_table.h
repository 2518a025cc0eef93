// Every fault with its attributes, for people, as the schema's own comments say it.

#pragma once

#include <string>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes {

/// Markdown. Fails only when the embedded schema or a preset does not parse.
Result<std::string> FaultTable();

}  // namespace zlayer::fakes
