// Finds steps that cannot happen and expectations that cannot hold.

#pragma once

#include <string>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// "ensure", "parallel_ensure" ...; empty for a step without an action.
std::string ActionName(const v1::Step& step);

/// The first thing wrong with the steps of `scenario`; empty when nothing is.
std::string CheckSteps(const v1::Scenario& scenario);

}  // namespace zlayer::scenarios
