#include "fakes/src/daemon/launch.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <random>

#include "fakes/src/base/versions.h"
#include "fakes/src/daemon/in_front.h"
#include "fakes/src/daemon/serve.h"
#include "fakes/src/faults/registry.h"
#include "fakes/src/peer/handshake_line.h"
#include "fakes/src/peer/storage.h"
#include "fakes/src/plan/plan_source.h"
#include "fakes/src/process/launch_count.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/memory_bound.h"
#include "fakes/src/process/rootless.h"
#include "fakes/src/upstream/start_guardian.h"
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
  return [&](const buildah_sidecar::v1::BuildRequest& request, bool cached) {
    BuildScript script = ScriptOf(plan, request, cached);
    for (const auto& change : peer.build_changes) change(script, journal);
    return script;
  };
}

std::vector<LogField> StorageFields(const DaemonFlags& flags) {
  return {{"graph_root", flags.storage_root},
          {"run_root", flags.storage_runroot},
          {"driver", flags.storage_driver}};
}

std::vector<LogField> ReadyFields(const Start& start) {
  std::vector<LogField> fields = {{"bind", start.listener.address},
                                  NumberField("idle_secs", start.flags.idle_secs),
                                  NumberField("max_concurrent", start.flags.max_concurrent)};
  for (LogField& field : StorageFields(start.flags)) fields.push_back(std::move(field));
  fields.push_back({"sidecar_version", kSidecarVersion});
  return fields;
}

/// Plays the start and then serves. Returns only when the start fails.
Failure Play(const Peer& peer, const v1::FaultPlan& plan, Start& start) {
  RunPhase(peer, v1::START, start);
  std::optional<Behind> behind;
  if (plan.has_upstream()) {
    Result<Behind> started = StartBehind(plan.upstream().path(), start);
    if (!started) return started.error();
    behind = std::move(*started);
  }
  const Result<TlsServer> tls = LoadTls(peer, start.flags);
  if (!tls) return InStep(tls.error(), "failed to load TLS config");
  if (!behind) {
    if (auto opened = OpenStorage(start.flags); !opened) return opened.error();
    start.log.Info("containers/storage store initialised", StorageFields(start.flags));
  }
  Result<Listener> listener = Listen(start.flags.bind);
  if (!listener) {
    return InStep(listener.error(), "failed to listen", {{"bind", start.flags.bind}});
  }
  start.listener = std::move(*listener);
  start.journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_listening()->set_address(start.listener.address);
  });
  RunPhase(peer, v1::BOUND, start);
  const AfterLine after = peer.print_line ? peer.print_line(start) : PrintHonestLine(start);
  if (after == AfterLine::stall) ListenOnly(start);
  RunPhase(peer, v1::LINE, start);
  start.signals.HandleFromNowOn();
  if (behind) return ServeInFront(start, peer, *tls, *behind);
  start.log.Info("zlayer-buildd ready", ReadyFields(start));
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
  RaiseFileLimit();
  journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_plan()->set_source(chosen->source);
    entry.mutable_plan()->set_launch(*launch);
    *entry.mutable_plan()->mutable_plan() = chosen->plan;
  });

  if (chosen->plan.has_upstream()) {
    if (auto runs = CheckUpstream(chosen->plan.upstream().path()); !runs) return runs.error();
  }
  if (chosen->plan.rootless() && !IsReExecuted()) return RunRootless(argv, *launch, journal);
  Peer peer;
  peer.limits = LimitsOf(chosen->plan);
  if (auto applied = ApplyPlan(chosen->plan, flags, *launch, journal, peer); !applied) {
    return {kExitBadInput, chosen->source + ": " + applied.error().message};
  }
  // In front of an upstream, stderr is its log and not the fake's.
  const Log log(chosen->plan.has_upstream() ? LogLevel::error : flags.log_level,
                peer.clock_offset_secs);
  Signals signals(journal);
  if (auto blocked = signals.Block(); !blocked) return blocked.error();
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
  if (!peer.print_version && !chosen->plan.has_upstream()) return {};
  ArmLifetime(chosen->plan.lifetime_ms(), journal.fd());
  const Log log(flags.log_level);
  Signals signals(journal);
  if (auto blocked = signals.Block(); !blocked) return blocked;
  Start start{flags, journal, signals, log, {}, argv, 0, {}};
  if (peer.print_version) peer.print_version(start);
  if (!chosen->plan.has_upstream()) return {};
  if (auto runs = CheckUpstream(chosen->plan.upstream().path()); !runs) return runs;
  return tl::unexpected(RunInstead(chosen->plan.upstream().path(), start));
}

}  // namespace zlayer::fakes::daemon
