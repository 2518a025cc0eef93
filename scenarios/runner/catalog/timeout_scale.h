// Makes the limits of a scenario longer for slow machines: sanitizers, emulators, shared cores.

#pragma once

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Returns `scenario` with each max_ms and each limit that it gives its client multiplied by
/// `scale`. The fake's delays and min_ms stay as they are: an answer that comes after min_ms is
/// right, however much later it comes.
v1::Scenario Scaled(v1::Scenario scenario, double scale);

}  // namespace zlayer::scenarios
