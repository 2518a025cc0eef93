// The script of a Build: the events that it streams.

#pragma once

#include <grpcpp/support/status.h>

#include <functional>
#include <string>
#include <vector>

#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

struct BuildScript {
  struct Step {
    v1::BuildStep step;           ///< with neither event nor hold, the step sends nothing
    std::function<void()> first;  ///< called before the step sends anything; may be empty
  };
  std::vector<Step> steps;
  grpc::Status status;  ///< the RPC's status, after the last step
  std::function<bool()>
      ignores_cancel;  ///< called by Cancel; true: the build goes on. May be empty
};

/// Makes the script of a valid request. `cached`: the store has the image of this request already.
/// Called on any thread of gRPC.
using ScriptSource =
    std::function<BuildScript(const buildah_sidecar::v1::BuildRequest& request, bool cached)>;

/// The plan's `build` steps. If the plan has none, a good build.
BuildScript ScriptOf(const v1::FaultPlan& plan, const buildah_sidecar::v1::BuildRequest& request,
                     bool cached);

/// Whether the event is the build's end: `finished` or `error`.
bool IsEnd(const buildah_sidecar::v1::BuildEvent& event);

/// A script of one error event.
BuildScript ErrorScript(const std::string& kind, const std::string& message);

}  // namespace zlayer::fakes::daemon
