// Checks a build request once the build has its slot and its id.

#pragma once

#include <string>

namespace zlayer::buildah_sidecar::v1 {
class BuildRequest;
}

namespace zlayer::fakes::daemon {

/// Why the daemon itself refuses the request, as the message of an error event of kind "parse".
/// Empty for a valid request.
std::string WhyUnparsable(const buildah_sidecar::v1::BuildRequest& request);

/// Why buildah would fail before its first step, as the message of an error event of kind "exec".
/// Looks at whether context and Dockerfiles are there and at the syntax of tags, at nothing else.
/// Without `context_dir`, relative Dockerfiles are taken as they are. Empty: it can begin.
std::string WhyNotBuildable(const buildah_sidecar::v1::BuildRequest& request);

}  // namespace zlayer::fakes::daemon
