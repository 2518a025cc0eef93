#include "scenarios/runner/clients/embedded_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <latch>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>
#include <vector>

#include "scenarios/runner/clients/host_condition.h"
#include "scenarios/runner/clients/lifecycle_values.h"
#include "scenarios/runner/clients/loss_notice.h"
#include "scenarios/runner/clients/release_in_callback.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/build.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::scenarios {
namespace {

using buildah_sidecar::v1::BuildEvent;
using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::HealthRequest;
using buildah_sidecar::v1::HealthResponse;
using std::chrono::milliseconds;

BuildRequest MakeRequest() {
  BuildRequest request;
  request.set_request_id("scenario-build");
  request.add_dockerfile_paths("Dockerfile");
  return request;
}

/// Keeps the last bytes only: a scenario's build may log without end.
void AppendLine(std::string_view line, std::string* log) {
  constexpr size_t kKept = 4096;
  log->append(line.substr(line.size() - std::min(line.size(), kKept)));
  log->push_back('\n');
  log->erase(0, log->size() - std::min(log->size(), kKept));
}

/// A Build stream that a step has left open. The stub and the context must outlive the stream.
struct OpenBuild {
  std::unique_ptr<BuildService::Stub> stub;
  std::unique_ptr<grpc::ClientContext> context;
  std::unique_ptr<grpc::ClientReader<BuildEvent>> events;
};

class EmbeddedClient : public Client {
 public:
  ~EmbeddedClient() override { LetGo(); }

  void Configure(const ClientSetup& setup) override {
    host_.emplace(setup.host);
    sidecar::LifecycleOptions options = ToOptions(setup);
    options.on_lost = [loss = loss_, log = setup.log](const sidecar::LifecycleError& why) {
      log("the sidecar is lost: " + why.message);
      loss->Notify();
    };
    options.on_event = [log = setup.log](const sidecar::LifecycleEvent& event) {
      log(fmt::format("{}: {}", sidecar::LifecycleEventName(event.kind), event.text));
    };
    options.on_phase = [log = setup.log](sidecar::Phase phase, std::chrono::nanoseconds took) {
      const std::chrono::duration<double, std::milli> ms = took;
      log(fmt::format("{} took {:.1f} ms", sidecar::PhaseName(phase), ms.count()));
    };
    lifecycle_.emplace(ToConfig(setup.settings), std::move(options));
  }

  Observation Ensure(std::stop_token cancel) override {
    return Keep(lifecycle_->Ensure(std::move(cancel)));
  }

  Observation ParallelEnsure(std::uint32_t threads) override;

  Observation Drop() override {
    LetGo();
    lifecycle_->DropConnection();
    return {};
  }

  Observation Shutdown() override;
  Observation Health(const v1::Health& health) override;
  Observation Build(const v1::Build& build) override;
  Observation AwaitLost(milliseconds limit) override;
  Observation InspectSiblings(milliseconds limit) override;

 private:
  /// Releases what a user of the library holds: the open stream first, then the handle.
  void LetGo() {
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

  /// Keeps the handle of a successful Ensure until the next one, Drop or Shutdown.
  Observation Keep(const sidecar::Result<sidecar::LiveSidecar>& result) {
    if (!result) return FromError(result.error());
    live_ = *result;
    return FromLive(*live_);
  }

  Observation LeaveBuildOpen();

  std::optional<HostCondition> host_;  // declared first: destroyed after everything that it affects
  // Shared with on_lost, which the library calls on a thread of its own.
  const std::shared_ptr<LossNotice> loss_ = std::make_shared<LossNotice>();
  std::optional<sidecar::SidecarLifecycle> lifecycle_;
  std::optional<sidecar::LiveSidecar> live_;
  std::optional<OpenBuild> build_;
};

/// What parallel callers compare: the sidecar, or the error.
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
  // A build that was left open stays open: the library must stop with calls under way.
  live_.reset();
  const std::optional<sidecar::StopReport> report = lifecycle_->Shutdown();
  return report ? FromReport(*report) : Observation{};
}

Observation EmbeddedClient::InspectSiblings(milliseconds limit) {
  Observation seen;
  seen.message = host_->AwaitSibling(limit);
  if (!seen.message.empty()) seen.error = "descriptor_leaked";
  return seen;
}

Observation EmbeddedClient::Health(const v1::Health& health) {
  if (health.release_in_callback()) {
    sidecar::LiveSidecar last = *std::exchange(live_, std::nullopt);
    lifecycle_->DropConnection();
    return ReleaseInCallback(std::move(last));
  }
  const auto stub = BuildService::NewStub(live_->Channel());
  const auto context = live_->NewContext();
  HealthResponse response;
  const grpc::Status status = stub->Health(context.get(), HealthRequest(), &response);
  if (!status.ok()) return FromError(live_->Explain(status));
  Observation seen = FromLive(*live_);
  if (response.status() != HealthResponse::SERVING) {
    seen.error = "rpc_failed";
    seen.message = "health is " + HealthResponse::Status_Name(response.status());
  }
  return seen;
}

/// Calls gRPC directly, because RunBuild returns only at the end of the build.
Observation EmbeddedClient::LeaveBuildOpen() {
  OpenBuild build;
  build.stub = BuildService::NewStub(live_->Channel());
  build.context = live_->NewContext();
  build.events = build.stub->Build(build.context.get(), MakeRequest());
  BuildEvent event;
  if (!build.events->Read(&event)) return FromError(live_->Explain(build.events->Finish()));
  build_ = std::move(build);
  return FromLive(*live_);
}

Observation EmbeddedClient::Build(const v1::Build& build) {
  if (build.leave_open()) return LeaveBuildOpen();
  std::stop_source stop;
  std::string log;
  sidecar::BuildOptions options;
  options.on_event = [&, cancels = build.cancel()](const BuildEvent& event) {
    if (cancels) stop.request_stop();
    if (event.has_log()) AppendLine(event.log().line(), &log);
  };
  const auto built = sidecar::RunBuild(*live_, MakeRequest(), options, stop.get_token());
  Observation seen = built ? FromLive(*live_) : FromError(built.error());
  seen.log = std::move(log);
  return seen;
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
