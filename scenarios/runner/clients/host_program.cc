#include "scenarios/runner/clients/host_program.h"

#include <fmt/format.h>

#include "scenarios/runner/clients/adapter_client.h"
#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {

tl::expected<std::unique_ptr<AdapterProcess>, std::string> StartHost(
    const std::vector<std::string>& adapter, const World& world, Timeline* timeline) {
  if (adapter.empty())
    return tl::unexpected(std::string("this client is not a program of its own"));
  auto host =
      AdapterProcess::Start(adapter, AdapterEnvironment(world.setup()),
                            [timeline](std::string_view line) { timeline->Add("client", line); });
  if (!host) return host;
  const auto hello = (*host)->Greet(world.setup(), Deadline(kStepLimit));
  if (!hello) return tl::unexpected(hello.error());
  return host;
}

tl::expected<void, std::string> AwaitEvent(const std::string& event, const World& world) {
  if (world.journal().Await(event, 1, Deadline(kStepLimit))) return {};
  return tl::unexpected(fmt::format("the journal never held {}", event));
}

}  // namespace zlayer::scenarios
