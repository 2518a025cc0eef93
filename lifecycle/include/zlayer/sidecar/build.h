// Runs one build on a live sidecar: sends the request, reads its events, returns one result.
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
  /// Called for each event of the stream, in order. `finished` or `error` comes once, but `log` and
  /// `warning` events can follow it: the daemon flushes an unfinished last line behind the end.
  /// RunBuild waits for them for at most a second. Runs on the thread that called RunBuild; must
  /// not throw. RunBuild reads no further event while the callback runs, so flow control slows the
  /// daemon down to the pace of the callback.
  std::function<void(const buildah_sidecar::v1::BuildEvent& event)> on_event;
  /// Limit for the whole build, from the request to the end of the stream. 0 or less: nothing is
  /// sent, and the build fails with rpc_timeout. milliseconds::max(): no limit. Default:
  /// LifecycleOptions::rpc_timeout.
  std::optional<std::chrono::milliseconds> timeout;
};

/// The content of the `finished` event.
struct BuildResult {
  std::string image_id;
  std::string manifest_ref;
  /// The id of the request, or the id that RunBuild generated for it.
  std::string request_id;
};

/// Runs a build and blocks until it has ended. Events are passed to BuildOptions::on_event and not
/// stored. If request_id is empty, RunBuild generates a random one. context_dir and absolute
/// dockerfile_paths are translated to the sidecar's paths by LiveSidecar::GuestPath; relative
/// dockerfile_paths are sent unchanged.
///
/// `stop`: when it is triggered, RunBuild asks the daemon to cancel the build (Cancel RPC with the
/// request id). If the build has not ended 500 ms later, or if the daemon does not know the id yet
/// because the build is still queued, RunBuild cancels its own call and returns. The result is
/// `cancelled`, or the image if the build finished before the cancel took effect.
///
/// The deployed daemon does not end a step that is under way, neither by a cancel nor when the call
/// is gone, also by `timeout`: a RUN or COPY runs to its end, and only then the build's slot of
/// SidecarConfig::max_concurrent is free. Until then the next build waits, and its `timeout` runs.
/// The error says so if RunBuild returned before the daemon had reported the build's end.
///
/// Errors:
/// - config_invalid: a text of `request` is not UTF-8, such as a path. Nothing was sent. The error
///   names the field.
/// - build_failed: the daemon sent an `error` event, see LifecycleError::build_error_kind. If the
///   sidecar had ended by then, or had announced that it would stop, the error says so: a daemon
///   that gets SIGTERM passes it to the running step, which then fails like any other.
/// - build_incomplete: the stream ended with status OK, but without `finished` or `error`
/// - build_malformed: an event that is neither `log` nor `warning` came after `finished` or `error`
/// - rpc_timeout: the build did not end within `timeout`. Either this client or the daemon saw the
///   limit pass; the daemon reports it as an `error` event of kind "deadline".
/// - cancelled: `stop` was triggered. build_error_kind is set if the daemon then ended the build.
/// - sidecar_lost: the process or the connection ended before the build did. It is retryable
///   only if no event had come: a build that has begun may already have had effects outside of the
///   sidecar, and only its user can judge whether to repeat them. A retry with the same request_id
///   can fail with build_failed and kind "register" for a moment, if a remote daemon has not
///   noticed the loss yet.
/// - rpc_failed: the call ended with any other gRPC status
///
/// Thread-safety: any number of builds may run at once, on one sidecar or on several.
Result<BuildResult> RunBuild(const LiveSidecar& live, buildah_sidecar::v1::BuildRequest request,
                             const BuildOptions& options = {}, std::stop_token stop = {});

}  // namespace zlayer::sidecar
