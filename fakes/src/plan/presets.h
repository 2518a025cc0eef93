// The plans that are compiled in: fakes/plans/<name>.txtpb.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes {

/// Sorted.
std::vector<std::string> PresetNames();

/// The plan as its file has it. Errors are bad input that names the nearest preset.
Result<std::string_view> PresetText(const std::string& name);

}  // namespace zlayer::fakes
