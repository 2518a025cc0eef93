// Checks a build request before the build begins.

#pragma once

#include <string>

namespace zlayer::buildah_sidecar::v1 {
class BuildRequest;
}

namespace zlayer::fakes::daemon {

/// Why the request is not valid, as the message of an error event of kind "parse". Empty for a
/// valid request.
std::string WhyUnparsable(const buildah_sidecar::v1::BuildRequest& request);

}  // namespace zlayer::fakes::daemon
