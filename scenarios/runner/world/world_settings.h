// Replaces the placeholders in a client's settings.

#pragma once

#include <string>
#include <tl/expected.hpp>

#include "scenarios/runner/catalog/placeholders.h"
#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Returns `settings` with every placeholder replaced. Then sets the placeholders that stand for a
/// setting, such as {tls_dir}; for a setting that is absent, to its default. `buildd` is the
/// default TLS directory.
tl::expected<v1::ClientSettings, std::string> ExpandSettings(const v1::ClientSettings& settings,
                                                             const std::string& buildd,
                                                             Placeholders* placeholders);

}  // namespace zlayer::scenarios
