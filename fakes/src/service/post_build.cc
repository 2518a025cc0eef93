// The RPCs of BuildService that work on what was built.

#include "fakes/src/service/build_service.h"
#include "fakes/src/service/reference.h"

namespace zlayer::fakes::daemon {
namespace {

using grpc::Status;
using grpc::StatusCode;

grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context, const Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

Status NotFound(const char* what, const std::string& name) {
  return {StatusCode::NOT_FOUND, std::string("unknown ") + what + " \"" + name + "\""};
}

}  // namespace

Status BuildService::Precondition(const char* field, const std::string& reference) const {
  if (!has_store_) {
    return {StatusCode::FAILED_PRECONDITION, flags_.storage_root + " is not a directory"};
  }
  if (reference.empty()) {
    return {StatusCode::INVALID_ARGUMENT, std::string(field) + " is missing"};
  }
  if (!IsReference(reference)) {
    return {StatusCode::INVALID_ARGUMENT,
            std::string(field) + ": \"" + reference + "\" is not a reference"};
  }
  return Status::OK;
}

Status BuildService::DoPush(const buildah_sidecar::v1::PushRequest& request,
                            buildah_sidecar::v1::PushResponse* response) const {
  if (Status status = Precondition("image", request.image()); !status.ok()) return status;
  if (Status status = Precondition("destination", request.destination()); !status.ok()) {
    return status;
  }
  const auto id = store_.FindImage(request.image());
  if (!id) return NotFound("image", request.image());
  response->set_pushed_digest(DigestOf(*id));
  return Status::OK;
}

Status BuildService::DoTag(const buildah_sidecar::v1::TagRequest& request) {
  if (Status status = Precondition("image", request.image()); !status.ok()) return status;
  if (Status status = Precondition("new_tag", request.new_tag()); !status.ok()) return status;
  const auto id = store_.FindImage(request.image());
  if (!id) return NotFound("image", request.image());
  store_.AddImage(request.new_tag(), *id);
  return Status::OK;
}

Status BuildService::DoCreate(const buildah_sidecar::v1::ManifestCreateRequest& request,
                              buildah_sidecar::v1::ManifestCreateResponse* response) {
  if (Status status = Precondition("name", request.name()); !status.ok()) return status;
  const auto list_id = store_.CreateManifest(request.name());
  if (!list_id) {
    return {StatusCode::INTERNAL, "manifest \"" + request.name() + "\" exists already"};
  }
  response->set_list_id(*list_id);
  return Status::OK;
}

Status BuildService::DoAdd(const buildah_sidecar::v1::ManifestAddRequest& request,
                           buildah_sidecar::v1::ManifestAddResponse* response) {
  if (Status status = Precondition("manifest", request.manifest()); !status.ok()) return status;
  if (Status status = Precondition("image", request.image()); !status.ok()) return status;
  if (!store_.FindManifest(request.manifest())) return NotFound("manifest", request.manifest());
  const auto id = store_.FindImage(request.image());
  if (!id) return NotFound("image", request.image());
  store_.AddToManifest(request.manifest(), *id);
  response->set_image_digest(DigestOf(*id));
  return Status::OK;
}

Status BuildService::DoPushManifest(const buildah_sidecar::v1::ManifestPushRequest& request,
                                    buildah_sidecar::v1::ManifestPushResponse* response) const {
  if (Status status = Precondition("name", request.name()); !status.ok()) return status;
  if (Status status = Precondition("destination", request.destination()); !status.ok()) {
    return status;
  }
  const auto digest = store_.FindManifest(request.name());
  if (!digest) return NotFound("manifest", request.name());
  response->set_pushed_digest(*digest);
  return Status::OK;
}

BuildService::Reactor* BuildService::Push(Context* context,
                                          const buildah_sidecar::v1::PushRequest* request,
                                          buildah_sidecar::v1::PushResponse* response) {
  return FinishUnary(context, DoPush(*request, response));
}

BuildService::Reactor* BuildService::Tag(Context* context,
                                         const buildah_sidecar::v1::TagRequest* request,
                                         buildah_sidecar::v1::TagResponse* /*response*/) {
  return FinishUnary(context, DoTag(*request));
}

BuildService::Reactor* BuildService::ManifestCreate(
    Context* context, const buildah_sidecar::v1::ManifestCreateRequest* request,
    buildah_sidecar::v1::ManifestCreateResponse* response) {
  return FinishUnary(context, DoCreate(*request, response));
}

BuildService::Reactor* BuildService::ManifestAdd(
    Context* context, const buildah_sidecar::v1::ManifestAddRequest* request,
    buildah_sidecar::v1::ManifestAddResponse* response) {
  return FinishUnary(context, DoAdd(*request, response));
}

BuildService::Reactor* BuildService::ManifestPush(
    Context* context, const buildah_sidecar::v1::ManifestPushRequest* request,
    buildah_sidecar::v1::ManifestPushResponse* response) {
  return FinishUnary(context, DoPushManifest(*request, response));
}

}  // namespace zlayer::fakes::daemon
