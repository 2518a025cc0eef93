// The plans that are compiled in: fakes/plans/<name>.txtpb.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// Sorted by name.
std::vector<std::string> PresetNames();

/// The text of the preset's file. An unknown name is bad input; the message suggests the nearest
/// preset.
Result<std::string_view> PresetText(const std::string& name);

}  // namespace zlayer::fakes::daemon
