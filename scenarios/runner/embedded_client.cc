#include "scenarios/runner/embedded_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <latch>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "scenarios/runner/lifecycle_values.h"
#include "scenarios/runner/loss_notice.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::scenarios {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::CancelRequest;
using buildah_sidecar::v1::CancelResponse;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using std::chrono::milliseconds;

constexpr char kRequestId[] = "scenario-build";

/// An open Build stream.
struct OpenBuild {
  std::unique_ptr<BuildService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<BuildEvent>> events;
};

class EmbeddedClient : public Client {
 public:
  ~EmbeddedClient() override { Release(); }

  void Configure(const ClientSetup& setup) override {
    sidecar::LifecycleOptions options = ToOptions(setup);
    options.on_lost = [loss = loss_] { loss->Notify(); };
    lifecycle_.emplace(ToConfig(setup.settings), std::move(options));
  }

  Observation Ensure(std::stop_token cancel) override {
    return Keep(lifecycle_->Ensure(std::move(cancel)));
  }

  Observation ParallelEnsure(std::uint32_t threads) override;

  Observation Drop() override {
    Release();
    lifecycle_->DropConnection();
    return {};
  }

  Observation Shutdown() override;
  Observation Health() override;
  Observation Build(BuildMode mode) override;
  Observation AwaitLost(milliseconds limit) override;

 private:
  /// Ends the user's part: streams first, then the handle.
  void Release() {
    if (build_) {
      build_->context->TryCancel();
      BuildEvent ignored;
      while (build_->events->Read(&ignored)) {
      }
      build_->events->Finish();
    }
    build_.reset();
    live_.reset();
  }

  Observation Keep(const sidecar::Result<sidecar::LiveSidecar>& result) {
    if (!result) return FromError(result.error());
    live_ = *result;
    return FromLive(*live_);
  }

  /// The observation of a call with this status.
  Observation FromStatus(const grpc::Status& status) const {
    Observation seen = FromLive(*live_);
    if (status.ok()) return seen;
    seen.error = "rpc_failed";
    seen.message = fmt::format("gRPC status {}: {}", static_cast<int>(status.error_code()),
                               status.error_message());
    return seen;
  }

  Observation FinishBuild(OpenBuild* build, const BuildEvent& last) const;
  void CancelBuild() const;

  const std::shared_ptr<LossNotice> loss_ = std::make_shared<LossNotice>();
  std::optional<sidecar::SidecarLifecycle> lifecycle_;
  std::optional<sidecar::LiveSidecar> live_;
  std::optional<OpenBuild> build_;
};

std::string Answer(const Observation& seen) {
  return seen.ok() ? seen.sidecar : seen.error + ": " + seen.message;
}

Observation EmbeddedClient::ParallelEnsure(std::uint32_t threads) {
  std::vector<std::optional<sidecar::Result<sidecar::LiveSidecar>>> results(threads);
  {
    std::latch start(threads);
    std::vector<std::jthread> callers;
    for (auto& result : results) {
      callers.emplace_back([&] {
        start.arrive_and_wait();
        result = lifecycle_->Ensure();
      });
    }
  }
  Observation first = Keep(*results[0]);
  for (const auto& result : results) {
    const Observation other = *result ? FromLive(**result) : FromError(result->error());
    if (Answer(other) == Answer(first)) continue;
    Observation differing = first;
    differing.error = "answers_differ";
    differing.message = fmt::format("\"{}\" and \"{}\"", Answer(first), Answer(other));
    return differing;
  }
  return first;
}

Observation EmbeddedClient::Shutdown() {
  // An open stream stays open: the library must cope with users who are not done.
  live_.reset();
  const std::optional<sidecar::StopReport> report = lifecycle_->Shutdown();
  return report ? FromReport(*report) : Observation{};
}

Observation EmbeddedClient::Health() {
  const auto stub = BuildService::NewStub(live_->Channel());
  const auto context = live_->NewContext();
  HealthResponse response;
  const grpc::Status status = stub->Health(context.get(), HealthRequest(), &response);
  Observation seen = FromStatus(status);
  if (seen.ok() && response.status() != HealthResponse::SERVING) {
    seen.error = "rpc_failed";
    seen.message = "health is " + HealthResponse::Status_Name(response.status());
  }
  return seen;
}

void EmbeddedClient::CancelBuild() const {
  const auto stub = BuildService::NewStub(live_->Channel());
  const auto context = live_->NewContext();
  CancelRequest request;
  request.set_request_id(kRequestId);
  CancelResponse ignored;
  stub->Cancel(context.get(), request, &ignored);  // the stream's end tells how it went
}

Observation EmbeddedClient::FinishBuild(OpenBuild* build, const BuildEvent& last) const {
  Observation seen = FromStatus(build->events->Finish());
  if (!seen.ok() || last.has_finished()) return seen;
  seen.error = "build_failed";
  seen.message = last.has_error()
                     ? fmt::format("{}: {}", last.error().kind(), last.error().message())
                     : "the stream ended without finished or error";
  return seen;
}

Observation EmbeddedClient::Build(BuildMode mode) {
  OpenBuild build;
  build.stub = BuildService::NewStub(live_->Channel());
  build.context = live_->NewContext();
  BuildRequest request;
  request.set_request_id(kRequestId);
  request.add_dockerfile_paths("Dockerfile");
  build.events = build.stub->Build(build.context.get(), request);
  BuildEvent event;
  if (!build.events->Read(&event)) return FinishBuild(&build, event);
  if (mode == BuildMode::leave_open) {
    build_ = std::move(build);
    return FromLive(*live_);
  }
  if (mode == BuildMode::cancel) CancelBuild();
  while (build.events->Read(&event)) {
  }
  return FinishBuild(&build, event);
}

Observation EmbeddedClient::AwaitLost(milliseconds limit) {
  Observation seen = FromLive(*live_);
  if (loss_->Await([this] { return !live_->alive(); }, limit)) return seen;
  seen.error = "sidecar_lost";
  seen.message = fmt::format("not noticed within {} ms", limit.count());
  return seen;
}

}  // namespace

std::unique_ptr<Client> MakeEmbeddedClient() { return std::make_unique<EmbeddedClient>(); }

}  // namespace zlayer::scenarios
