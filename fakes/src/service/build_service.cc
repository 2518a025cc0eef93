#include "fakes/src/service/build_service.h"

#include <sys/utsname.h>

#include "fakes/src/base/versions.h"
#include "fakes/src/service/build_request_check.h"
#include "fakes/src/service/build_stream.h"
#include "fakes/src/service/honest_build.h"
#include "fakes/src/service/words.h"

namespace zlayer::fakes::daemon {
namespace {

using buildah_sidecar::v1::BuildFinished;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::HealthResponse;

grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context,
                                      const grpc::Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

/// This machine's platform as Go writes it, such as linux/amd64.
std::string Platform() {
  utsname machine{};
  uname(&machine);
  const std::string name = machine.machine;
  if (name == "x86_64") return "linux/amd64";
  if (name == "aarch64") return "linux/arm64";
  return "linux/" + name;
}

}  // namespace

BuildService::BuildService(const DaemonFlags& flags, ScriptSource scripts)
    : flags_(flags), scripts_(std::move(scripts)), queue_(flags.max_concurrent) {}

BuildScript BuildService::ScriptFor(const BuildRequest& request) const {
  if (const std::string why = WhyUnparsable(request); !why.empty()) {
    return ErrorScript("parse", why);
  }
  if (const std::string why = WhyNotBuildable(request); !why.empty()) {
    return ErrorScript("exec", why);
  }
  return scripts_(request, store_.FindImage(ImageIdOf(request)).has_value());
}

grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent>* BuildService::Build(
    Context* /*context*/, const BuildRequest* request) {
  BuildJob job;
  job.request_id = Trimmed(request->request_id());
  if (job.request_id.empty()) job.request_id = NewUuid();
  job.script = [this, request] { return ScriptFor(*request); };  // gRPC keeps it until OnDone()
  job.finished = [this, request](const BuildFinished& finished) {
    store_.AddImage(finished.image_id());
    for (const std::string& tag : request->tags()) store_.Tag(finished.image_id(), tag);
  };
  return BuildStream::Start(std::move(job), queue_);
}

BuildService::Reactor* BuildService::Cancel(Context* context,
                                            const buildah_sidecar::v1::CancelRequest* request,
                                            buildah_sidecar::v1::CancelResponse* response) {
  response->set_cancelled(queue_.Cancel(Trimmed(request->request_id())));
  return FinishUnary(context, grpc::Status::OK);
}

BuildService::Reactor* BuildService::Inspect(Context* context,
                                             const buildah_sidecar::v1::InspectRequest* /*request*/,
                                             buildah_sidecar::v1::InspectResponse* response) {
  response->set_sidecar_version(kSidecarVersion);
  response->set_buildah_version(kBuildahVersion);
  response->add_supported_platforms(Platform());
  response->set_storage_driver(flags_.storage_driver);
  response->set_storage_root(flags_.storage_root);
  return FinishUnary(context, grpc::Status::OK);
}

BuildService::Reactor* BuildService::Health(Context* context,
                                            const buildah_sidecar::v1::HealthRequest* /*request*/,
                                            HealthResponse* response) {
  response->set_status(HealthResponse::SERVING);
  return FinishUnary(context, grpc::Status::OK);
}

}  // namespace zlayer::fakes::daemon
