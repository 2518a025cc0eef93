#include "zlayer/sidecar/build.h"

#include <grpcpp/channel.h>
#include <sys/random.h>

#include <array>
#include <cerrno>
#include <utility>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/text/escaped.h"
#include "lifecycle/src/use/build_events.h"
#include "lifecycle/src/use/request_text.h"
#include "lifecycle/src/use/stop_seen.h"
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
Result<std::string> RandomRequestId() {
  std::array<unsigned char, 16> bytes{};
  // getrandom(2) blocks until the kernel's generator is seeded. Then up to 256 bytes come whole,
  // unless a filter of system calls refuses.
  ssize_t count = 0;
  do {
    count = ::getrandom(bytes.data(), bytes.size(), 0);
  } while (count < 0 && errno == EINTR);
  if (count != static_cast<ssize_t>(bytes.size())) {
    return Fail(ErrorKind::config_invalid,
                "request_id is empty, and a random one cannot be made: getrandom: {}",
                ErrnoText(errno));
  }
  std::string id = "build-";
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

/// Fills in the request id, translates the paths to the sidecar's, and checks all text.
Result<void> Complete(const LiveSidecar& live, BuildRequest* request) {
  if (request->request_id().empty()) {
    auto id = RandomRequestId();
    if (!id) return tl::unexpected(std::move(id.error()));
    request->set_request_id(*id);
  }
  request->set_context_dir(live.GuestPath(request->context_dir()));
  for (std::string& path : *request->mutable_dockerfile_paths()) {
    if (path.starts_with('/')) path = live.GuestPath(path);
  }
  return CheckRequestText(*request);
}

/// What the daemon may be doing after a call that was left before the build's end: a cancel and a
/// call that is gone do not end a RUN or COPY that is under way.
constexpr char kSlotStaysBusy[] =
    "the daemon may still be at work: a step that runs goes on to its end and keeps the build's "
    "slot, so the next build may have to wait";

std::string DaemonsWords(const BuildError& event) {
  return fmt::format("({}): \"{}\"", Escaped(event.kind(), kShown),
                     Escaped(event.message(), kShown));
}

LifecycleError FailedBuild(const LiveSidecar& live, const BuildError& event) {
  const std::string stop = StopSeen(live);
  LifecycleError error =
      Fail(event.kind() == "deadline" ? ErrorKind::rpc_timeout : ErrorKind::build_failed,
           "the build failed {}{}", DaemonsWords(event), stop.empty() ? "" : "; " + stop)
          .value();
  error.build_error_kind = event.kind();
  return error;
}

/// The error of a build that `stop` has ended. The daemon's own `error` event says that the slot is
/// free again.
LifecycleError CancelledBuild(const LiveSidecar& live, const BuildEvents& events) {
  constexpr auto kCancelled = "the build was cancelled";
  if (events.end()) {
    const BuildError& event = events.end()->error();
    LifecycleError error =
        Fail(ErrorKind::cancelled, "{}; the daemon ended it {}", kCancelled, DaemonsWords(event))
            .value();
    error.build_error_kind = event.kind();
    return error;
  }
  if (!live.alive()) return Fail(ErrorKind::cancelled, "{}", kCancelled).value();
  return Fail(ErrorKind::cancelled, "{}; {}", kCancelled, kSlotStaysBusy).value();
}

/// The error of a call that ended without `finished` or `error`. Explain says retryable for every
/// lost sidecar; a build is retryable only if it had not begun.
LifecycleError BrokenCall(const LiveSidecar& live, const grpc::Status& status,
                          std::chrono::milliseconds timeout, bool has_events) {
  LifecycleError error = live.Explain(status);
  if (error.kind == ErrorKind::rpc_timeout) {
    error.message =
        fmt::format("the build did not end within {} ms; {}", timeout.count(), kSlotStaysBusy);
  }
  error.retryable = error.kind == ErrorKind::sidecar_lost && !has_events;
  return error;
}

/// The error of a build without an image. The order of the checks decides which cause is reported.
LifecycleError WhyNoImage(const LiveSidecar& live, const BuildEvents& events,
                          const grpc::Status& status, std::chrono::milliseconds timeout,
                          bool stopped) {
  if (events.malformed()) {
    return Fail(ErrorKind::build_malformed, "the daemon's events contradict each other: {}",
                events.WhyMalformed())
        .value();
  }
  if (stopped) return CancelledBuild(live, events);
  if (events.end()) return FailedBuild(live, events.end()->error());
  if (!status.ok()) return BrokenCall(live, status, timeout, events.any());
  return Fail(ErrorKind::build_incomplete,
              "the daemon ended the build without saying how: neither \"finished\" nor \"error\"")
      .value();
}

}  // namespace

Result<BuildResult> RunBuild(const LiveSidecar& live, BuildRequest request,
                             const BuildOptions& options, std::stop_token stop) {
  if (InForkedChild()) return tl::unexpected(ForkedChildError());
  if (stop.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled before the build was requested");
  }
  if (auto completed = Complete(live, &request); !completed) {
    return tl::unexpected(std::move(completed.error()));
  }
  const auto timeout = options.timeout.value_or(live.rpc_timeout());
  if (timeout <= timeout.zero()) {
    return Fail(ErrorKind::rpc_timeout, "the build was not requested: its limit is {} ms",
                timeout.count());
  }
  BuildEvents events;
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
