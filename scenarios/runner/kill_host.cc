#include "scenarios/runner/kill_host.h"

#include <fmt/format.h>
#include <signal.h>

#include "scenarios/runner/child_process.h"
#include "scenarios/runner/verdict.h"

namespace zlayer::scenarios {
namespace {

tl::expected<void, std::string> AwaitEvent(const std::string& event, const World& world) {
  if (world.journal().Await(event, 1, Deadline(kStepLimit))) return {};
  return tl::unexpected(fmt::format("kill_host: the journal never held {}", event));
}

}  // namespace

tl::expected<void, std::string> KillHost(const v1::KillHost& step,
                                         const std::vector<std::string>& program,
                                         const World& world) {
  if (program.empty()) return tl::unexpected(std::string("kill_host: this client is no program"));
  auto host = ChildProcess::Start(program, world.setup().environment);
  if (!host) return tl::unexpected(host.error());
  if (!step.stop_at().empty()) {
    if (auto came = AwaitEvent(step.stop_at(), world); !came) return came;
    kill(host->pid(), SIGTERM);
  }
  if (auto came = AwaitEvent(step.at(), world); !came) return came;
  kill(host->pid(), SIGKILL);
  if (host->Wait(Deadline(kStepLimit)) == 128 + SIGKILL) return {};
  return tl::unexpected(std::string("kill_host: the client had ended before it was killed"));
}

}  // namespace zlayer::scenarios
