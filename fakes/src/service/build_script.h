// What a Build streams.

#pragma once

#include <string>
#include <vector>

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

using BuildScript = std::vector<v1::BuildStep>;

/// The plan's steps, as they are; without any, a stage of two instructions that succeeds.
BuildScript ScriptOf(const v1::FaultPlan& plan, const buildah_sidecar::v1::BuildRequest& request);

/// A script of one error event.
BuildScript ErrorScript(const std::string& kind, const std::string& message);

}  // namespace zlayer::fakes
