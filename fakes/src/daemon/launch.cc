#include "fakes/src/daemon/launch.h"

#include <unistd.h>

#include <cstdlib>
#include <random>

#include "fakes/src/daemon/serve.h"
#include "fakes/src/faults/registry.h"
#include "fakes/src/peer/handshake_line.h"
#include "fakes/src/plan/plan_source.h"
#include "fakes/src/process/launch_count.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/memory_bound.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

Result<void> OpenJournal(Journal& journal) {
  const char* path = std::getenv("ZLAYER_FAKE_JOURNAL");
  if (!path || !*path) return {};
  return journal.Open(path);
}

void JournalStarted(int argc, const char* const* argv, Journal& journal) {
  journal.Write([&](v1::JournalEntry& entry) {
    v1::Started* started = entry.mutable_started();
    for (int i = 0; i < argc; ++i) started->add_argv(argv[i]);
    started->set_ppid(getppid());
    started->set_pgid(getpgrp());
    started->set_sid(getsid(0));
  });
}

void RunPhase(const Peer& peer, v1::Phase phase, Start& start) {
  for (const StartStep& step : peer.at_phase[phase]) step(start);
}

Result<TlsServer> LoadTls(const Peer& peer, const DaemonFlags& flags) {
  TlsFaults faults;
  for (const auto& change : peer.tls_changes) {
    if (auto changed = change(flags, faults); !changed) return tl::unexpected(changed.error());
  }
  return TlsServer::Load({flags.tls_ca, flags.tls_cert, flags.tls_key}, std::move(faults));
}

ScriptSource Scripts(const Peer& peer, const v1::FaultPlan& plan, Journal& journal) {
  return [&](const buildah_sidecar::v1::BuildRequest& request) {
    BuildScript script = ScriptOf(plan, request);
    for (const auto& change : peer.build_changes) change(script, journal);
    return script;
  };
}

/// Plays the start and then serves. Returns only when the start fails.
Failure Play(const Peer& peer, const v1::FaultPlan& plan, Start& start) {
  RunPhase(peer, v1::START, start);
  const Result<TlsServer> tls = LoadTls(peer, start.flags);
  if (!tls) return tls.error();
  if (const std::string why = peer.storage_error ? peer.storage_error() : ""; !why.empty()) {
    return {kExitStartFailed, "failed to open containers/storage store: " + why};
  }
  Result<Listener> listener = Bind(start.flags.bind);
  if (!listener) return listener.error();
  start.listener = std::move(*listener);
  if (peer.before_listen) peer.before_listen(start);
  if (auto listens = Listen(start.listener); !listens) return listens.error();
  start.journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_listening()->set_address(start.listener.address);
  });
  RunPhase(peer, v1::BOUND, start);
  const AfterLine after = peer.print_line ? peer.print_line(start) : PrintHonestLine(start);
  if (after == AfterLine::stall) ListenOnly(start);
  RunPhase(peer, v1::LINE, start);
  start.log.Info("listening", {{"addr", start.listener.address}});
  Serve(start, peer, *tls, Scripts(peer, plan, start.journal));
}

}  // namespace

Failure Launch(const DaemonFlags& flags, int argc, char* const* argv, Journal& journal) {
  if (auto opened = OpenJournal(journal); !opened) return opened.error();
  JournalStarted(argc, argv, journal);
  if (auto given = RequireTlsFlags(flags); !given) return given.error();
  Result<ChosenPlan> chosen = ChoosePlan();
  if (!chosen) return chosen.error();
  const Result<std::uint32_t> launch = CountLaunch();
  if (!launch) return launch.error();
  while (chosen->plan.seed() == 0) chosen->plan.set_seed(std::random_device()());
  ArmLifetime(chosen->plan.lifetime_ms(), journal.fd());
  BoundMemory(chosen->plan.memory_mib());
  journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_plan()->set_source(chosen->source);
    entry.mutable_plan()->set_launch(*launch);
    *entry.mutable_plan()->mutable_plan() = chosen->plan;
  });

  Peer peer;
  if (auto applied = ApplyPlan(chosen->plan, flags, *launch, journal, peer); !applied) {
    return {kExitBadInput, chosen->source + ": " + applied.error().message};
  }
  const Log log(flags.log_level, peer.clock_offset_secs);
  Signals signals(journal);
  if (auto blocked = signals.Block(); !blocked) return blocked.error();
  signals.Report([&](int signal) { peer.happenings->SignalCame(signal); });
  if (peer.ignores_signal) signals.IgnoreIf(peer.ignores_signal);
  Start start{flags, journal, signals, log, {}, argv, *launch, {}};
  return Play(peer, chosen->plan, start);
}

Result<void> PlayVersionFault(const DaemonFlags& flags, char* const* argv, Journal& journal) {
  if (auto opened = OpenJournal(journal); !opened) return opened;
  Result<ChosenPlan> chosen = ChoosePlan();
  if (!chosen) return tl::unexpected(chosen.error());
  while (chosen->plan.seed() == 0) chosen->plan.set_seed(std::random_device()());
  Peer peer;
  ApplyVersionFaults(chosen->plan, journal, peer);
  if (!peer.print_version) return {};
  ArmLifetime(chosen->plan.lifetime_ms(), journal.fd());
  const Log log(flags.log_level);
  Signals signals(journal);
  if (auto blocked = signals.Block(); !blocked) return blocked;
  Start start{flags, journal, signals, log, {}, argv, 0, {}};
  peer.print_version(start);
  return {};
}

}  // namespace zlayer::fakes::daemon
