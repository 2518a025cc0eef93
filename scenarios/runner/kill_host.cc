#include "scenarios/runner/kill_host.h"

#include <fmt/format.h>

#include "scenarios/runner/adapter_client.h"
#include "scenarios/runner/adapter_process.h"
#include "scenarios/runner/verdict.h"

namespace zlayer::scenarios {
namespace {

tl::expected<void, std::string> AwaitEvent(const std::string& event, const World& world) {
  if (world.journal().Await(event, 1, Deadline(kStepLimit))) return {};
  return tl::unexpected(fmt::format("kill_host: the journal never held {}", event));
}

/// Asks for a sidecar, and for its end at `stop_at` unless that is empty; waits for no answer but
/// those that come before the question.
tl::expected<void, std::string> Begin(const v1::KillHost& step, const World& world,
                                      AdapterProcess* host) {
  v1::Request hello;
  hello.mutable_hello()->set_protocol(kAdapterProtocol);
  if (auto reply = host->Ask(hello, Deadline(kStepLimit)); !reply) {
    return tl::unexpected(reply.error());
  }
  v1::Request configure;
  *configure.mutable_configure()->mutable_settings() = world.setup().settings;
  if (auto reply = host->Ask(configure, Deadline(kStepLimit)); !reply) {
    return tl::unexpected(reply.error());
  }
  v1::Request ensure;
  ensure.mutable_ensure();
  if (auto told = host->Tell(ensure); !told || step.stop_at().empty()) return told;
  if (auto came = AwaitEvent(step.stop_at(), world); !came) return came;
  v1::Request shutdown;
  shutdown.mutable_shutdown();
  return host->Tell(shutdown);
}

}  // namespace

tl::expected<void, std::string> KillHost(const v1::KillHost& step,
                                         const std::vector<std::string>& adapter,
                                         const World& world, Timeline* timeline) {
  if (adapter.empty()) return tl::unexpected(std::string("kill_host: this client is no program"));
  auto host =
      AdapterProcess::Start(adapter, AdapterEnvironment(world.setup()),
                            [timeline](std::string_view line) { timeline->Add("client", line); });
  if (!host) return tl::unexpected(host.error());
  if (auto begun = Begin(step, world, host->get()); !begun) return begun;
  if (auto came = AwaitEvent(step.at(), world); !came) return came;
  timeline->Add("runner", "the host is killed");
  if ((*host)->Kill()) return {};
  return tl::unexpected(std::string("kill_host: the client had ended before it was killed"));
}

}  // namespace zlayer::scenarios
