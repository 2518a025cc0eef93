// Which launch of a series this one is.

#pragma once

#include <cstdint>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes {

/// Counts this launch in the directory that ZLAYER_FAKE_STATE names, which must exist, and returns
/// its number; the first is 1. Processes that count at the same time get different numbers. 0 when
/// the variable is not set. Errors are bad input.
Result<std::uint32_t> CountLaunch();

/// In the environment of a run that another has started in its place: the number of its launch.
inline constexpr char kReExecuted[] = "ZLAYER_FAKE_RE_EXECUTED";
bool IsReExecuted();

}  // namespace zlayer::fakes
