// BuildService as protocol section 4 has it.

#pragma once

#include <atomic>
#include <string>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/service/build_queue.h"
#include "fakes/src/service/build_script.h"
#include "fakes/src/service/image_store.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::fakes {

/// Thread-safe, as gRPC needs it. The flags must outlive it.
class BuildService : public buildah_sidecar::v1::BuildService::CallbackService {
 public:
  BuildService(const DaemonFlags& flags, ScriptSource scripts);

 private:
  using Context = grpc::CallbackServerContext;
  using Reactor = grpc::ServerUnaryReactor;

  grpc::ServerWriteReactor<buildah_sidecar::v1::BuildEvent>* Build(
      Context* context, const buildah_sidecar::v1::BuildRequest* request) override;
  Reactor* Cancel(Context* context, const buildah_sidecar::v1::CancelRequest* request,
                  buildah_sidecar::v1::CancelResponse* response) override;
  Reactor* Inspect(Context* context, const buildah_sidecar::v1::InspectRequest* request,
                   buildah_sidecar::v1::InspectResponse* response) override;
  Reactor* Health(Context* context, const buildah_sidecar::v1::HealthRequest* request,
                  buildah_sidecar::v1::HealthResponse* response) override;
  Reactor* Push(Context* context, const buildah_sidecar::v1::PushRequest* request,
                buildah_sidecar::v1::PushResponse* response) override;
  Reactor* Tag(Context* context, const buildah_sidecar::v1::TagRequest* request,
               buildah_sidecar::v1::TagResponse* response) override;
  Reactor* ManifestCreate(Context* context,
                          const buildah_sidecar::v1::ManifestCreateRequest* request,
                          buildah_sidecar::v1::ManifestCreateResponse* response) override;
  Reactor* ManifestAdd(Context* context, const buildah_sidecar::v1::ManifestAddRequest* request,
                       buildah_sidecar::v1::ManifestAddResponse* response) override;
  Reactor* ManifestPush(Context* context, const buildah_sidecar::v1::ManifestPushRequest* request,
                        buildah_sidecar::v1::ManifestPushResponse* response) override;

  grpc::Status DoPush(const buildah_sidecar::v1::PushRequest& request,
                      buildah_sidecar::v1::PushResponse* response) const;
  grpc::Status DoTag(const buildah_sidecar::v1::TagRequest& request);
  grpc::Status DoCreate(const buildah_sidecar::v1::ManifestCreateRequest& request,
                        buildah_sidecar::v1::ManifestCreateResponse* response);
  grpc::Status DoAdd(const buildah_sidecar::v1::ManifestAddRequest& request,
                     buildah_sidecar::v1::ManifestAddResponse* response);
  grpc::Status DoPushManifest(const buildah_sidecar::v1::ManifestPushRequest& request,
                              buildah_sidecar::v1::ManifestPushResponse* response) const;
  /// OK when there is a store and `reference` is one.
  grpc::Status Precondition(const char* field, const std::string& reference) const;

  const DaemonFlags& flags_;
  const ScriptSource scripts_;
  const bool has_store_;
  BuildQueue queue_;
  ImageStore store_;
  std::atomic<std::uint64_t> generated_ids_ = 0;
};

}  // namespace zlayer::fakes
