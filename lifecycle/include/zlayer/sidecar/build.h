// One build, from its request to its one result.
//
//   #include "zlayer/proto/buildah_sidecar.pb.h"  // this header only declares the messages
//   BuildRequest request;
//   request.set_context_dir("/home/me/src/app");
//   request.add_dockerfile_paths("Dockerfile");
//   BuildOptions options;
//   options.on_event = [](const BuildEvent& event) { Show(event); };
//   auto built = RunBuild(*live, request, options, stop_token);
//   if (built) return Push(built->image_id);
//   if (built.error().retryable) return Again();  // on a new Ensure()

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "zlayer/sidecar/error.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::buildah_sidecar::v1 {
class BuildEvent;
class BuildRequest;
}  // namespace zlayer::buildah_sidecar::v1

namespace zlayer::sidecar {

struct BuildOptions {
  /// Every event of the stream in its order, up to and with `finished` or `error`. On the thread
  /// that called RunBuild; must not throw. While it runs nothing else is read, and the daemon is
  /// slowed down to its pace.
  std::function<void(const buildah_sidecar::v1::BuildEvent& event)> on_event;
  /// For the whole build. Default: LifecycleOptions::rpc_timeout.
  std::optional<std::chrono::milliseconds> timeout;
};

/// What the `finished` event says.
struct BuildResult {
  std::string image_id;
  std::string manifest_ref;
  /// The request's, or the one that was generated.
  std::string request_id;
};

/// Builds, and blocks until the build has ended. Keeps no event. An empty request_id gets a random
/// one. context_dir and absolute dockerfile_paths are sent as the sidecar sees them
/// (SidecarConfig::context_mount).
///
/// `stop`: the build is cancelled by its id; one that does not end by that within 500 ms, or that
/// waits for its turn and so has no id yet, is left alone with its call. The result is then
/// `cancelled`, or the image where the build had finished before the cancel reached it.
///
/// Errors:
/// - build_failed: the daemon's error event; LifecycleError::build_error_kind
/// - build_incomplete: the stream ended well without `finished` or `error`
/// - build_malformed: there were events after `finished` or `error`
/// - rpc_timeout: `timeout` was over, seen by us or by the daemon (an error event of kind
///   "deadline")
/// - cancelled
/// - sidecar_lost: the process or the connection has ended. retryable only when no event had come:
///   then the caller has seen nothing that a second build would repeat. A build that had begun may
///   have had effects outside, which its user must weigh. A request_id of one's own may be refused
///   for a moment where a remote daemon has not noticed the loss (kind "register").
/// - rpc_failed: every other gRPC status
///
/// Thread-safety: any number of builds at once, on one sidecar or several.
Result<BuildResult> RunBuild(const LiveSidecar& live, buildah_sidecar::v1::BuildRequest request,
                             const BuildOptions& options = {}, std::stop_token stop = {});

}  // namespace zlayer::sidecar
