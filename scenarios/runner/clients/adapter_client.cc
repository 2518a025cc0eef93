#include "scenarios/runner/clients/adapter_client.h"

#include <cstdlib>
#include <set>
#include <utility>

#include "scenarios/runner/clients/adapter_process.h"
#include "scenarios/runner/clients/adapter_values.h"
#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {
namespace {

/// A backstop. The runner's limit for a step is shorter, and at that limit it kills the adapter,
/// which ends the wait here.
constexpr std::chrono::milliseconds kStepBackstop = kStepLimit * 3;

class AdapterClient : public Client {
 public:
  explicit AdapterClient(std::vector<std::string> command) : command_(std::move(command)) {}

  void Configure(const ClientSetup& setup) override;
  bool Can(v1::Capability capability) const override { return can_.contains(capability); }
  std::string broken() const override { return broken_; }

  Observation Ensure(std::stop_token cancel) override {
    // The callback runs on the thread that cancels: Tell is allowed while Ask waits.
    const std::stop_callback tell(cancel, [this] {
      v1::Request request;
      request.mutable_cancel();
      if (adapter_) (void)adapter_->Tell(request);
    });
    return Step(&v1::Request::mutable_ensure);
  }

  Observation ParallelEnsure(std::uint32_t threads) override {
    v1::ParallelEnsure step;
    step.set_threads(threads);
    return Step(&v1::Request::mutable_parallel_ensure, step);
  }

  Observation Drop() override { return Step(&v1::Request::mutable_drop); }
  Observation Shutdown() override { return Step(&v1::Request::mutable_shutdown); }

  Observation Health(const v1::Health& health) override {
    return Step(&v1::Request::mutable_health, health);
  }

  Observation Build(const v1::Build& build) override {
    return Step(&v1::Request::mutable_build, build);
  }

  // `limit` is not part of the protocol: the runner kills an adapter that does not answer in time.

  Observation AwaitLost(std::chrono::milliseconds /*limit*/) override {
    return Step(&v1::Request::mutable_await_lost);
  }

  Observation InspectSiblings(std::chrono::milliseconds /*limit*/) override {
    return Step(&v1::Request::mutable_inspect_siblings);
  }

  void Release() override {
    if (adapter_ && broken_.empty()) {
      auto finished = adapter_->Finish(Deadline(kStepLimit));
      if (!finished) broken_ = finished.error();
    }
    adapter_.reset();
  }

 private:
  /// Sends `step` as the request's `part` and waits for what the client saw.
  template <typename Message>
  Observation Step(Message* (v1::Request::*part)(), const Message& step = {}) {
    if (!adapter_ || !broken_.empty()) return {};
    v1::Request request;
    *(request.*part)() = step;
    const auto reply = adapter_->Ask(request, Deadline(kStepBackstop));
    if (reply) return FromSeen(reply->seen());
    broken_ = reply.error();
    return {};
  }

  std::vector<std::string> command_;
  std::unique_ptr<AdapterProcess> adapter_;
  std::set<int> can_;
  std::string broken_;
};

void AdapterClient::Configure(const ClientSetup& setup) {
  auto adapter = AdapterProcess::Start(command_, AdapterEnvironment(setup), setup.log);
  if (!adapter) {
    broken_ = adapter.error();
    return;
  }
  adapter_ = std::move(*adapter);
  const auto hello = adapter_->Greet(setup, Deadline(kStepLimit));
  if (hello) {
    can_.insert(hello->capability().begin(), hello->capability().end());
  } else {
    broken_ = hello.error();
  }
}

}  // namespace

std::map<std::string, std::string> AdapterEnvironment(const ClientSetup& setup) {
  std::map<std::string, std::string> environment = setup.environment;
  if (const char* path = std::getenv("PATH")) environment["PATH"] += std::string(":") + path;
  return environment;
}

std::unique_ptr<Client> MakeAdapterClient(std::vector<std::string> command) {
  return std::make_unique<AdapterClient>(std::move(command));
}

}  // namespace zlayer::scenarios
