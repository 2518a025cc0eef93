#include "scenarios/runner/adapter_client.h"

#include <cstdlib>
#include <set>
#include <utility>

#include "scenarios/runner/adapter_process.h"
#include "scenarios/runner/adapter_values.h"
#include "scenarios/runner/verdict.h"

namespace zlayer::scenarios {
namespace {

/// Whoever asks has a shorter limit and kills the adapter: this one only ends the program's bugs.
constexpr std::chrono::milliseconds kLongestStep = kStepLimit * 3;

class AdapterClient : public Client {
 public:
  explicit AdapterClient(std::vector<std::string> command) : command_(std::move(command)) {}

  void Configure(const ClientSetup& setup) override;
  bool Can(v1::Capability capability) const override { return can_.contains(capability); }
  std::string broken() const override { return broken_; }

  Observation Ensure(std::stop_token cancel) override {
    const std::stop_callback tell(cancel, [this] {
      v1::Request request;
      request.mutable_cancel();
      if (adapter_) (void)adapter_->Tell(request);
    });
    v1::Request request;
    request.mutable_ensure();
    return Step(request);
  }

  Observation ParallelEnsure(std::uint32_t threads) override {
    v1::Request request;
    request.mutable_parallel_ensure()->set_threads(threads);
    return Step(request);
  }

  Observation Drop() override {
    v1::Request request;
    request.mutable_drop();
    return Step(request);
  }

  Observation Shutdown() override {
    v1::Request request;
    request.mutable_shutdown();
    return Step(request);
  }

  Observation Health(const v1::Health& health) override {
    v1::Request request;
    *request.mutable_health() = health;
    return Step(request);
  }

  Observation InspectSiblings(std::chrono::milliseconds /*limit*/) override {
    v1::Request request;
    request.mutable_inspect_siblings();
    return Step(request);
  }

  Observation Build(const v1::Build& build) override {
    v1::Request request;
    *request.mutable_build() = build;
    return Step(request);
  }

  /// The runner, which has a limit of its own, gives up an adapter that never notices.
  Observation AwaitLost(std::chrono::milliseconds /*limit*/) override {
    v1::Request request;
    request.mutable_await_lost();
    return Step(request);
  }

  void Release() override {
    if (adapter_ && broken_.empty()) {
      auto finished = adapter_->Finish(Deadline(kStepLimit));
      if (!finished) broken_ = finished.error();
    }
    adapter_.reset();
  }

 private:
  v1::Reply Ask(const v1::Request& request) {
    if (!adapter_ || !broken_.empty()) return {};
    auto reply = adapter_->Ask(request, Deadline(kLongestStep));
    if (reply) return *reply;
    broken_ = reply.error();
    return {};
  }

  Observation Step(const v1::Request& request) { return FromSeen(Ask(request).seen()); }

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
  v1::Request hello;
  hello.mutable_hello()->set_protocol(kAdapterProtocol);
  const v1::Reply reply = Ask(hello);
  can_.insert(reply.hello().capability().begin(), reply.hello().capability().end());
  v1::Request configure;
  *configure.mutable_configure()->mutable_settings() = setup.settings;
  if (Can(v1::HOST_CONDITION)) configure.mutable_configure()->set_host(setup.host);
  const Observation configured = Step(configure);
  if (!configured.ok()) broken_ = "the adapter refused its settings: " + configured.message;
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
