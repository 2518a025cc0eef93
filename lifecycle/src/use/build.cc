#include "zlayer/sidecar/build.h"

#include <grpcpp/channel.h>
#include <sys/random.h>

#include <array>
#include <utility>

#include "lifecycle/src/base/escaped.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/use/build_call.h"
#include "zlayer/proto/buildah_sidecar.pb.h"

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildError;
using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;

/// How many bytes of the daemon's text an error message shows at most.
constexpr size_t kShown = 4096;

/// Random, because the daemon takes a Cancel from any client that knows the id: clients that choose
/// the same id would cancel each other's builds.
std::string RandomRequestId() {
  std::array<unsigned char, 16> bytes{};
  // getrandom(2) blocks until the kernel's generator is seeded; then up to 256 bytes cannot fail.
  (void)::getrandom(bytes.data(), bytes.size(), 0);
  std::string id = "build-";
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

/// Fills in the request id and translates the paths to the sidecar's.
void Complete(const LiveSidecar& live, BuildRequest* request) {
  if (request->request_id().empty()) request->set_request_id(RandomRequestId());
  request->set_context_dir(live.GuestPath(request->context_dir()));
  for (std::string& path : *request->mutable_dockerfile_paths()) {
    if (path.starts_with('/')) path = live.GuestPath(path);
  }
}

/// Follows the events of one stream and keeps only what the result needs, so that a long build log
/// takes no memory.
class Events {
 public:
  /// Takes the next event and passes it to the user. An event after the end is not passed on.
  BuildCall::Next Take(const BuildEvent& event, const BuildOptions& options) {
    if (end_) {
      malformed_ = true;
      return BuildCall::Next::abandon;
    }
    any_ = true;
    const bool is_end = event.has_finished() || event.has_error();
    if (is_end) end_ = event;
    if (options.on_event) options.on_event(event);
    return is_end ? BuildCall::Next::end : BuildCall::Next::more;
  }

  bool any() const { return any_; }
  bool malformed() const { return malformed_; }
  /// The `finished` or `error` event; empty if it has not come.
  const std::optional<BuildEvent>& end() const { return end_; }

 private:
  bool any_ = false;
  bool malformed_ = false;
  std::optional<BuildEvent> end_;
};

LifecycleError FailedBuild(const BuildError& event) {
  LifecycleError error =
      Fail(event.kind() == "deadline" ? ErrorKind::rpc_timeout : ErrorKind::build_failed,
           "the build failed ({}): \"{}\"", Escaped(event.kind(), kShown),
           Escaped(event.message(), kShown))
          .value();
  error.build_error_kind = event.kind();
  return error;
}

/// The error of a call that ended without `finished` or `error`. Explain says retryable for every
/// lost sidecar; a build is retryable only if it had not begun.
LifecycleError BrokenCall(const LiveSidecar& live, const grpc::Status& status,
                          std::chrono::milliseconds timeout, bool has_events) {
  LifecycleError error = live.Explain(status);
  if (error.kind == ErrorKind::rpc_timeout) {
    error.message = fmt::format("the build did not end within {} ms", timeout.count());
  }
  error.retryable = error.kind == ErrorKind::sidecar_lost && !has_events;
  return error;
}

/// The error of a build without an image. The order of the checks decides which cause is reported.
LifecycleError WhyNoImage(const LiveSidecar& live, const Events& events, const grpc::Status& status,
                          std::chrono::milliseconds timeout, bool stopped) {
  if (events.malformed()) {
    return Fail(ErrorKind::build_malformed, "the daemon sent more events after the build's \"{}\"",
                events.end()->has_finished() ? "finished" : "error")
        .value();
  }
  if (stopped) return Fail(ErrorKind::cancelled, "the build was cancelled").value();
  if (events.end()) return FailedBuild(events.end()->error());
  if (!status.ok()) return BrokenCall(live, status, timeout, events.any());
  return Fail(ErrorKind::build_incomplete,
              "the daemon ended the build without saying how: neither \"finished\" nor \"error\"")
      .value();
}

}  // namespace

Result<BuildResult> RunBuild(const LiveSidecar& live, BuildRequest request,
                             const BuildOptions& options, std::stop_token stop) {
  if (stop.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled before the build was requested");
  }
  Complete(live, &request);
  const auto timeout = options.timeout.value_or(live.rpc_timeout());
  Events events;
  BuildCall call(live.Channel(), request, timeout);
  const grpc::Status status =
      call.Run([&](const BuildEvent& event) { return events.Take(event, options); }, stop);
  if (events.end() && events.end()->has_finished() && !events.malformed()) {
    const auto& finished = events.end()->finished();
    return BuildResult{finished.image_id(), finished.manifest_ref(), request.request_id()};
  }
  LifecycleError error = WhyNoImage(live, events, status, timeout, stop.stop_requested());
  error.stderr_tail = live.StderrTail();
  return tl::unexpected(std::move(error));
}

}  // namespace zlayer::sidecar
