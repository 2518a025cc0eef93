// The syntax of image and manifest names.

#pragma once

#include <string_view>

namespace zlayer::fakes::daemon {

/// [host[:port]/]path[:tag][@sha256:...], with lower-case path components, or a bare image id.
/// A leading "docker://" is allowed.
bool IsReference(std::string_view text);

}  // namespace zlayer::fakes::daemon
