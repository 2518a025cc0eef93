// Counts launches over several processes, for faults that happen only in some of them.

#pragma once

#include <cstdint>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// Counts this launch in the file `launches` of the directory ZLAYER_FAKE_STATE, which is made when
/// it is missing, and returns its number; the first is 1. The file is locked, so fakes that start
/// at the same time get different numbers. Returns 0 when the variable is not set. A run started by
/// `re_exec` is no new launch: it returns the number of the run that started it. Errors are bad
/// input.
Result<std::uint32_t> CountLaunch();

/// The environment variable that `re_exec` sets for the run that it starts: the number of the
/// launch. It keeps that run from executing `re_exec` again.
inline constexpr char kReExecuted[] = "ZLAYER_FAKE_RE_EXECUTED";

/// True in a run that `re_exec` has started.
bool IsReExecuted();

}  // namespace zlayer::fakes::daemon
