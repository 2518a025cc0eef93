// Checks a scenario before anything is started: unknown names, settings that exclude each other,
// faults that cannot fire, steps that cannot happen.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The first thing that is wrong with `scenario`, as one line "<field>: <what>; <what to write>";
/// empty when nothing is. `place` is the suite/name that follows from the file's path.
std::string CheckScenario(std::string_view place, const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
