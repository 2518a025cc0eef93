// What a Build streams.

#pragma once

#include <grpcpp/support/status.h>

#include <functional>
#include <string>
#include <vector>

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes {

struct BuildScript {
  struct Step {
    v1::BuildStep step;           ///< neither event nor hold: nothing is sent
    std::function<void()> first;  ///< run before anything is sent; may be empty
  };
  std::vector<Step> steps;
  grpc::Status status;                   ///< behind the last step
  std::function<bool()> ignores_cancel;  ///< asked by a cancel by id; may be empty
};

/// The script of a request. Thread-safe.
using ScriptSource = std::function<BuildScript(const buildah_sidecar::v1::BuildRequest& request)>;

/// The plan's steps, as they are; without any, a stage of two instructions that succeeds.
BuildScript ScriptOf(const v1::FaultPlan& plan, const buildah_sidecar::v1::BuildRequest& request);

/// A script of one error event.
BuildScript ErrorScript(const std::string& kind, const std::string& message);

}  // namespace zlayer::fakes
