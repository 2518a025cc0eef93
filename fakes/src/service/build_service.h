// The gRPC service BuildService of the wire (buildah_sidecar.proto).
//
// This room, service/, answers RPCs as the honest daemon does and builds nothing. rpc_server.h owns
// the gRPC server, which has no port: daemon/connections.h hands it connected sockets.
// build_queue.h gives a Build its slot; then build_request_check.h checks the request, and
// build_stream.h plays a script (build_script.h; honest_build.h has the good one) as
// build_progress.h says. post_build.cc has Push, Tag and the Manifest calls, on the names in
// image_store.h. rpc_interceptor.h journals every RPC and feeds the idle clock (activity.h);
// other_calls.h answers what is no method of BuildService.
// All handlers run on gRPC's threads and must not block. Faults change scripts (faults/build/) or
// the bytes behind the service (faults/grpc/, faults/http2/), never this code.
// Start reading at BuildService::Build() and BuildStream.

#pragma once

#include <chrono>
#include <string>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/service/build_queue.h"
#include "fakes/src/service/build_script.h"
#include "fakes/src/service/image_store.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"

namespace zlayer::fakes::daemon {

/// Thread-safe: gRPC calls the handlers from many threads. `flags` must outlive it.
class BuildService : public buildah_sidecar::v1::BuildService::CallbackService {
 public:
  BuildService(const DaemonFlags& flags, ScriptSource scripts);

  /// See BuildQueue.
  void SignalSteps() { queue_.SignalSteps(); }
  void StopHardAfter(std::chrono::milliseconds limit) { queue_.StopHardAfter(limit); }
  /// As BuildQueue::Release().
  std::uint32_t ReleaseHold(const std::string& request_id) { return queue_.Release(request_id); }

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
  /// The script of a build that has its slot: the plan's, or the error that stops it.
  BuildScript ScriptFor(const buildah_sidecar::v1::BuildRequest& request) const;

  const DaemonFlags& flags_;
  const ScriptSource scripts_;
  BuildQueue queue_;
  ImageStore store_;
};

}  // namespace zlayer::fakes::daemon
