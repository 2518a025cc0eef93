// Finds scenarios that cannot mean what they say, before anything is started.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The first thing wrong with `scenario`, as "<field>: <what>, <nearest valid name>"; empty when
/// nothing is. `place` is the suite/name that its file stands for.
std::string CheckScenario(std::string_view place, const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
