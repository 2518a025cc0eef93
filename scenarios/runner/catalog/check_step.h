// Checks the steps of a scenario: finds steps that cannot happen and expectations that cannot hold.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// The name of the step's action, such as "parallel_ensure"; empty for a step without an action.
std::string ActionName(const v1::Step& step);

/// The only value of `expect.since` that is not the name of a journal event.
inline constexpr std::string_view kSinceCancel = "cancel";

/// The first thing that is wrong with the steps of `scenario`; empty when nothing is.
std::string CheckSteps(const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
