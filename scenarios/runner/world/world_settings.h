// The client's settings in a world.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/catalog/placeholders.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// `settings` with every placeholder replaced; sets the placeholders that mean a setting, or its
/// default where it is absent. `buildd`: the default of the TLS directory.
tl::expected<v1::ClientSettings, std::string> ExpandSettings(const v1::ClientSettings& settings,
                                                             const std::string& buildd,
                                                             Placeholders* placeholders);

}  // namespace zlayer::scenarios
