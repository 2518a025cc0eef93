// What a build request must hold before anything is built.

#pragma once

#include <string>

namespace zlayer::buildah_sidecar::v1 {
class BuildRequest;
}

namespace zlayer::fakes {

/// The message of an error event of kind "parse"; empty for a good request.
std::string WhyUnparsable(const buildah_sidecar::v1::BuildRequest& request);

}  // namespace zlayer::fakes
