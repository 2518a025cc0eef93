// The rows of system_calls.h.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "lifecycle/tests/sweep/system_calls.h"

namespace zlayer::sidecar {

/// How a row tells its calls from others of the same number.
struct SystemCallMatch {
  long number;
  int argument = -1;           // index; -1: any call of this number
  std::uint64_t value = 0;     // of that argument
  std::string_view kind = "";  // of the descriptor that is argument 0; empty: any
};

struct SystemCallRow {
  SystemCallMatch match;
  SystemCall call;
};

/// The first row that matches counts.
const std::vector<SystemCallRow>& SystemCallTable();

}  // namespace zlayer::sidecar
