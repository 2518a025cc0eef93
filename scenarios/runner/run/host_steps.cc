#include "scenarios/runner/run/host_steps.h"

#include <fmt/format.h>
#include <signal.h>

#include <latch>
#include <set>
#include <thread>

#include "scenarios/runner/catalog/check_step.h"
#include "scenarios/runner/clients/adapter_values.h"
#include "scenarios/runner/clients/host_program.h"
#include "scenarios/runner/judge/verdict.h"

namespace zlayer::scenarios {
namespace {

using HostProcess = std::unique_ptr<AdapterProcess>;

v1::Request EnsureRequest() {
  v1::Request request;
  request.mutable_ensure();
  return request;
}

/// Starts a host and asks it for a sidecar, without waiting for the answer.
tl::expected<HostProcess, std::string> StartAsking(const HostStage& stage) {
  auto host = StartHost(stage.adapter, stage.world, stage.timeline);
  if (!host) return host;
  if (auto told = (*host)->Tell(EnsureRequest()); !told) return tl::unexpected(told.error());
  return host;
}

/// Why the SIGINT to the process group `group` could have reached a sidecar: it is in that group,
/// or it has recorded a SIGINT in the journal. Empty: it could not.
std::string SigintSeen(pid_t group, const Journal& journal) {
  const auto entries = journal.Entries();
  if (!entries) return entries.error();
  for (const auto& entry : *entries) {
    if (entry.has_started() && entry.started().pgid() == group) {
      return fmt::format("the sidecar, pid {}, is in its host's process group", entry.pid());
    }
    if (entry.has_signal() && entry.signal().number() == SIGINT) {
      return fmt::format("the sidecar, pid {}, got SIGINT", entry.pid());
    }
  }
  return "";
}

/// Asks all hosts at the same time. Returns their answers in the order of `hosts`.
std::vector<tl::expected<v1::Reply, std::string>> AskAll(const std::vector<HostProcess>& hosts) {
  std::vector<tl::expected<v1::Reply, std::string>> replies(hosts.size());
  std::latch start(static_cast<std::ptrdiff_t>(hosts.size()));
  std::vector<std::jthread> callers;
  for (size_t i = 0; i < hosts.size(); ++i) {
    callers.emplace_back([&, i] {
      start.arrive_and_wait();
      replies[i] = hosts[i]->Ask(EnsureRequest(), Deadline(kStepLimit));
    });
  }
  callers.clear();  // joins them
  return replies;
}

tl::expected<void, std::string> KillHost(const v1::KillHost& step, const HostStage& stage) {
  auto host = StartAsking(stage);
  if (!host) return tl::unexpected(host.error());
  if (!step.stop_at().empty()) {
    if (auto came = AwaitEvent(step.stop_at(), stage.world); !came) return came;
    v1::Request shutdown;
    shutdown.mutable_shutdown();
    if (auto told = (*host)->Tell(shutdown); !told) return told;
  }
  if (auto came = AwaitEvent(step.at(), stage.world); !came) return came;
  stage.timeline->Add("runner", "the host is killed");
  if ((*host)->Kill()) return {};
  return tl::unexpected(std::string("the client had ended before it was killed"));
}

/// How Ctrl-C reached the sidecar; empty when it did not, as it must not.
tl::expected<std::string, std::string> InterruptHost(const v1::InterruptHost& step,
                                                     const HostStage& stage) {
  auto host = StartAsking(stage);
  if (!host) return tl::unexpected(host.error());
  if (auto came = AwaitEvent(step.at(), stage.world); !came) return tl::unexpected(came.error());
  stage.timeline->Add("runner", "the host's process group is interrupted");
  const pid_t group = (*host)->pid();
  if (!(*host)->Interrupt()) {
    return tl::unexpected(std::string("the client did not end when it was interrupted"));
  }
  return SigintSeen(group, stage.world.journal());
}

/// Starts the hosts, asks all at once, and waits until they have exited. Returns the first failure.
/// Each host is a program of its own and needs a sidecar of its own, so two answers with the same
/// sidecar are the failure "answers_differ".
tl::expected<Observation, std::string> ParallelHosts(const v1::ParallelHosts& step,
                                                     const HostStage& stage) {
  std::vector<HostProcess> hosts;
  for (std::uint32_t i = 0; i < step.hosts(); ++i) {
    auto host = StartHost(stage.adapter, stage.world, stage.timeline);
    if (!host) return tl::unexpected(host.error());
    hosts.push_back(std::move(*host));
  }
  std::set<std::string> sidecars;
  Observation first_failure;
  for (const auto& reply : AskAll(hosts)) {
    if (!reply) return tl::unexpected(reply.error());
    Observation seen = FromSeen(reply->seen());
    if (seen.ok() && !sidecars.insert(seen.sidecar).second) {
      seen.error = "answers_differ";
      seen.message = fmt::format("two hosts have the same sidecar, {}", seen.sidecar);
    }
    if (first_failure.ok()) first_failure = seen;
  }
  for (const HostProcess& host : hosts) {
    if (auto ended = host->Finish(Deadline(kStepLimit)); !ended) {
      return tl::unexpected(ended.error());
    }
  }
  return first_failure;
}

}  // namespace

Observation ActOnHosts(const v1::Step& step, const HostStage& stage, ScenarioResult* result) {
  const auto fail = [&](const std::string& why) {
    if (result->reason.empty()) result->reason = fmt::format("{}: {}", ActionName(step), why);
  };
  if (step.has_kill_host()) {
    const std::string& then = step.kill_host().then();
    if (auto killed = KillHost(step.kill_host(), stage); !killed) {
      fail(killed.error());
    } else if (!then.empty()) {
      if (auto came = AwaitEvent(then, stage.world); !came) {
        result->violations.push_back({Verdict::outcome, ActionName(step),
                                      fmt::format("after the host's death: {}", then),
                                      came.error()});
      }
    }
  } else if (step.has_interrupt_host()) {
    const auto reached = InterruptHost(step.interrupt_host(), stage);
    if (!reached) {
      fail(reached.error());
    } else if (!reached->empty()) {
      result->violations.push_back(
          {Verdict::outcome, ActionName(step), "Ctrl-C does not reach the sidecar", *reached});
    }
  } else if (const auto seen = ParallelHosts(step.parallel_hosts(), stage); seen) {
    return *seen;
  } else {
    fail(seen.error());
  }
  return {};
}

}  // namespace zlayer::scenarios
