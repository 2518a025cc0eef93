// The RPCs of BuildService that work on what was built.

#include "fakes/src/service/build_service.h"
#include "fakes/src/service/reference.h"
#include "fakes/src/service/words.h"

namespace zlayer::fakes::daemon {
namespace {

using grpc::Status;
using grpc::StatusCode;

grpc::ServerUnaryReactor* FinishUnary(grpc::CallbackServerContext* context, const Status& status) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(status);
  return reactor;
}

std::string Unknown(const char* what, const std::string& name) {
  return std::string("unknown ") + what + " \"" + name + "\"";
}

Status Missing(const char* field) {
  return {StatusCode::INVALID_ARGUMENT, std::string(field) + " is missing"};
}

Status CheckDestination(const std::string& destination) {
  if (destination.empty()) return Missing("destination");
  if (IsDestination(destination)) return Status::OK;
  return {StatusCode::INVALID_ARGUMENT,
          "destination: \"" + destination + "\" is neither a reference nor a known transport"};
}

}  // namespace

Status BuildService::DoPush(const buildah_sidecar::v1::PushRequest& request,
                            buildah_sidecar::v1::PushResponse* response) const {
  if (request.image().empty()) return Missing("image");
  if (Status status = CheckDestination(request.destination()); !status.ok()) return status;
  if (!IsOneOf(Word(request.format()), {"", "oci", "docker", "v2s1", "v2s2"})) {
    return {StatusCode::INVALID_ARGUMENT, Unknown("format", request.format())};
  }
  const auto id = store_.FindImage(request.image());
  if (!id) return {StatusCode::INTERNAL, Unknown("image", request.image())};
  response->set_pushed_digest(DigestOf(*id));
  return Status::OK;
}

/// Takes any new tag, as the deployed daemon does.
Status BuildService::DoTag(const buildah_sidecar::v1::TagRequest& request) {
  if (request.image().empty()) return Missing("image");
  if (request.new_tag().empty()) return Missing("new_tag");
  const auto id = store_.FindImage(request.image());
  if (!id) return {StatusCode::NOT_FOUND, Unknown("image", request.image())};
  store_.Tag(*id, request.new_tag());
  return Status::OK;
}

/// The deployed daemon's buildah cannot write an empty list, so that nothing is ever created. The
/// fake keeps the promise instead; the preset manifest-create-fails shows the defect.
Status BuildService::DoCreate(const buildah_sidecar::v1::ManifestCreateRequest& request,
                              buildah_sidecar::v1::ManifestCreateResponse* response) {
  if (request.name().empty()) return Missing("name");
  if (!IsReference(request.name())) {
    return {StatusCode::INTERNAL, "name: \"" + request.name() + "\" is not a reference"};
  }
  const auto list_id = store_.CreateManifest(request.name());
  if (!list_id) {
    return {StatusCode::INTERNAL, "manifest \"" + request.name() + "\" exists already"};
  }
  response->set_list_id(*list_id);
  return Status::OK;
}

Status BuildService::DoAdd(const buildah_sidecar::v1::ManifestAddRequest& request,
                           buildah_sidecar::v1::ManifestAddResponse* response) {
  if (request.manifest().empty()) return Missing("manifest");
  if (request.image().empty()) return Missing("image");
  if (!store_.FindManifest(request.manifest())) {
    return {StatusCode::NOT_FOUND, Unknown("manifest", request.manifest())};
  }
  const auto id = store_.FindImage(request.image());
  if (!id) return {StatusCode::NOT_FOUND, Unknown("image", request.image())};
  store_.AddToManifest(request.manifest(), *id);
  response->set_image_digest(DigestOf(*id));
  return Status::OK;
}

Status BuildService::DoPushManifest(const buildah_sidecar::v1::ManifestPushRequest& request,
                                    buildah_sidecar::v1::ManifestPushResponse* response) const {
  if (request.name().empty()) return Missing("name");
  if (Status status = CheckDestination(request.destination()); !status.ok()) return status;
  const auto digest = store_.FindManifest(request.name());
  if (!digest) return {StatusCode::NOT_FOUND, Unknown("manifest", request.name())};
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
