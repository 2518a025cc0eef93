// Longer limits for slow machines: sanitizers, emulators, cores that others use.

#pragma once

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// `scenario` with every limit that it gives its client, and every max_ms, `scale` times as long.
/// What the fake does takes as long as before, and no min_ms changes: a limit that is kept late is
/// kept.
v1::Scenario Scaled(v1::Scenario scenario, double scale);

}  // namespace zlayer::scenarios
