// Finds steps that cannot happen and expectations that cannot hold.

#pragma once

#include <string>
#include <string_view>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// "ensure", "parallel_ensure" ...; empty for a step without an action.
std::string ActionName(const v1::Step& step);

/// The value of `expect.since` that is no event of the journal.
inline constexpr std::string_view kSinceCancel = "cancel";

/// The first thing wrong with the steps of `scenario`; empty when nothing is.
std::string CheckSteps(const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
