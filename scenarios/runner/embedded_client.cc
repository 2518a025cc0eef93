#include "scenarios/runner/embedded_client.h"

#include <fmt/format.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <condition_variable>
#include <latch>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

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

sidecar::SidecarConfig ToConfig(const v1::ClientSettings& settings) {
  sidecar::SidecarConfig config;
  if (settings.has_addr()) config.addr = settings.addr();
  if (settings.has_tls_dir()) config.tls_dir = settings.tls_dir();
  if (settings.has_idle_secs()) config.idle_secs = settings.idle_secs();
  if (settings.has_storage_graph_root()) config.storage_graph_root = settings.storage_graph_root();
  if (settings.has_storage_run_root()) config.storage_run_root = settings.storage_run_root();
  if (settings.has_storage_driver()) config.storage_driver = settings.storage_driver();
  return config;
}

sidecar::LifecycleOptions ToOptions(const ClientSetup& setup) {
  const v1::ClientSettings& settings = setup.settings;
  sidecar::LifecycleOptions options;
  if (settings.has_handshake_timeout_ms()) {
    options.handshake_timeout = milliseconds(settings.handshake_timeout_ms());
  }
  if (settings.has_connect_timeout_ms()) {
    options.connect_timeout = milliseconds(settings.connect_timeout_ms());
  }
  if (settings.has_rpc_timeout_ms()) {
    options.rpc_timeout = milliseconds(settings.rpc_timeout_ms());
  }
  if (settings.has_grace_ms()) options.grace = milliseconds(settings.grace_ms());
  options.environment.emplace();
  for (const auto& [name, value] : setup.environment) options.environment->Set(name, value);
  return options;
}

Observation FromError(const sidecar::LifecycleError& error) {
  Observation seen;
  seen.error = sidecar::ErrorKindName(error.kind);
  seen.message = error.message;
  seen.exit_code = error.exit_code;
  seen.signal = error.signal;
  seen.stderr_tail = error.stderr_tail;
  return seen;
}

Observation FromLive(const sidecar::LiveSidecar& live) {
  Observation seen;
  seen.sidecar = fmt::format("pid {} at {}", live.pid().value_or(0), live.address());
  seen.stderr_tail = live.StderrTail();
  return seen;
}

/// Triggers `source` after `limit`, unless it is destroyed before.
class CancelTimer {
 public:
  CancelTimer(std::stop_source* source, milliseconds limit)
      : thread_([this, source, limit](const std::stop_token& stop) {
          std::unique_lock lock(mutex_);
          ended_.wait_for(lock, stop, limit, [] { return false; });
          if (!stop.stop_requested()) source->request_stop();
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses the others
};

/// Told of a loss by the library, on a thread of its own.
class LossNotice {
 public:
  void Notify() {
    const std::lock_guard lock(mutex_);
    noticed_.notify_all();
  }

  /// Whether `lost` became true within `limit`; asked again after each notice.
  template <typename Predicate>
  bool Await(Predicate lost, milliseconds limit) {
    std::unique_lock lock(mutex_);
    return noticed_.wait_for(lock, limit, lost);
  }

 private:
  std::mutex mutex_;
  std::condition_variable noticed_;
};

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

  Observation Ensure(milliseconds cancel_after) override {
    std::stop_source source;
    std::optional<CancelTimer> timer;
    if (cancel_after.count() > 0) timer.emplace(&source, cancel_after);
    return Keep(lifecycle_->Ensure(source.get_token()));
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
  const Observation first = Keep(*results[0]);
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
  Observation seen;
  if (!report) return seen;
  seen.exit_code = report->exit_code;
  seen.signal = report->signal;
  seen.escalated = report->escalated;
  return seen;
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
