#include "fakes/src/service/build_service.h"

#include <sys/utsname.h>

#include "fakes/src/base/versions.h"
#include "fakes/src/service/build_request_check.h"
#include "fakes/src/service/build_stream.h"

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
    : flags_(flags),
      scripts_(std::move(scripts)),
      has_store_(ImageStore::CanBeAt(flags.storage_root)),
      queue_(flags.max_concurrent) {}

grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent>* BuildService::Build(
    Context* /*context*/, const BuildRequest* request) {
  if (std::string why = WhyUnparsable(*request); !why.empty()) {
    return BuildStream::Start("", ErrorScript("parse", why), nullptr, nullptr);
  }
  if (!has_store_) {
    const std::string why = flags_.storage_root + " is not a directory";
    return BuildStream::Start("", ErrorScript("init", why), nullptr, nullptr);
  }
  std::string id = request->request_id();
  if (id.empty()) id = "build-" + std::to_string(++generated_ids_);
  const auto keep_image = [this, tags = request->tags()](const BuildFinished& finished) {
    store_.AddImage(finished.image_id(), finished.image_id());
    for (const std::string& tag : tags) store_.AddImage(tag, finished.image_id());
  };
  return BuildStream::Start(std::move(id), scripts_(*request), &queue_, keep_image);
}

BuildService::Reactor* BuildService::Cancel(Context* context,
                                            const buildah_sidecar::v1::CancelRequest* request,
                                            buildah_sidecar::v1::CancelResponse* response) {
  response->set_cancelled(queue_.Cancel(request->request_id()));
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
