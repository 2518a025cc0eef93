// What a good build says, in the order and on the streams of a buildah build: its instructions and
// the copying on stderr, its results on stdout.

#pragma once

#include <string>
#include <vector>

#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::fakes::daemon {

using BuildEvents = std::vector<buildah_sidecar::v1::BuildEvent>;

/// The id of the image that a build of `request` makes: 64 hex digits. With layers, requests that
/// differ in nothing but their id and their tags make the same image.
std::string ImageIdOf(const buildah_sidecar::v1::BuildRequest& request);

/// The instructions of a Dockerfile of two, FROM scratch and COPY. `cached`: the store has the
/// image already.
void AddInstructions(const buildah_sidecar::v1::BuildRequest& request, bool cached,
                     BuildEvents& events);

/// The rest of the build: the commit, the tags, the image id as the last line, and `finished`.
void AddCommit(const buildah_sidecar::v1::BuildRequest& request, bool cached, BuildEvents& events);

}  // namespace zlayer::fakes::daemon
