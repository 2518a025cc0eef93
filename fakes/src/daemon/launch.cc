#include "fakes/src/daemon/launch.h"

#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <random>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/base/versions.h"
#include "fakes/src/control/control_server.h"
#include "fakes/src/control/control_socket.h"
#include "fakes/src/daemon/in_front.h"
#include "fakes/src/daemon/serve.h"
#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/faults/registry.h"
#include "fakes/src/peer/handshake_line.h"
#include "fakes/src/peer/storage.h"
#include "fakes/src/plan/plan_source.h"
#include "fakes/src/process/launch_count.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/memory_bound.h"
#include "fakes/src/process/rootless.h"
#include "fakes/src/process/stop_kills.h"
#include "fakes/src/upstream/start_guardian.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

/// The file that ZLAYER_FAKE_JOURNAL names, or zlayer-buildd.journal beside the program.
Result<void> OpenJournal(Journal& journal) {
  const char* variable = std::getenv("ZLAYER_FAKE_JOURNAL");
  if (variable && *variable) return journal.Open(variable, "ZLAYER_FAKE_JOURNAL=");
  const std::string beside = BesideProgram("zlayer-buildd.journal");
  if (access(beside.c_str(), F_OK) != 0) return {};
  return journal.Open(beside, "");
}

/// Limits the life of this process by its plan, or by the default when it has none, from the first
/// wait on: a plan or a journal can be a FIFO.
Result<ChosenPlan> ChoosePlanInTime() {
  const auto before = LifetimeMs(0);
  if (!before) return tl::unexpected(before.error());
  ArmLifetime(*before, -1);
  Result<ChosenPlan> chosen = ChoosePlan();
  if (chosen) ArmLifetime(*LifetimeMs(chosen->plan.lifetime_ms()), -1);
  return chosen;
}

void JournalStarted(int argc, const char* const* argv, Journal& journal) {
  journal.Write([&](v1::JournalEntry& entry) {
    v1::Started* started = entry.mutable_started();
    for (int i = 0; i < argc; ++i) started->add_argv(argv[i]);
    started->set_ppid(getppid());
    started->set_pgid(getpgrp());
    started->set_sid(getsid(0));
  });
  SetLastWords([&journal](int signal) {
    journal.Write([&](v1::JournalEntry& entry) { entry.mutable_exiting()->set_signal(signal); });
  });
}

void JournalPlan(const ChosenPlan& chosen, std::uint32_t launch, Journal& journal) {
  journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_plan()->set_source(chosen.source);
    entry.mutable_plan()->set_launch(launch);
    *entry.mutable_plan()->mutable_plan() = chosen.plan;
  });
}

/// Listens for requests if they are wanted; else returns no descriptor.
Result<UniqueFd> ListenIfControlled() {
  const char* value = std::getenv("ZLAYER_FAKE_CONTROL");
  if (!value) return UniqueFd();
  return ListenForControl(value);
}

void RunPhase(v1::Phase phase, ArmedFaults& armed, Start& start) {
  const InForcePtr now = armed.Enter(StageOf(phase));
  for (const StartStep& step : now->peer.at_phase[phase]) step(start);
}

/// Reads the TLS files, and makes what the faults present in their place.
Result<TlsServer> LoadTls(const DaemonFlags& flags, ArmedFaults& armed) {
  if (auto loaded = armed.LoadTls(); !loaded) return tl::unexpected(loaded.error());
  return TlsServer::Load({flags.tls_ca, flags.tls_cert, flags.tls_key});
}

ScriptSource Scripts(const ArmedFaults& armed, Journal& journal) {
  return [&](const buildah_sidecar::v1::BuildRequest& request, bool cached) {
    const InForcePtr now = armed.Now();
    BuildScript script = ScriptOf(now->plan, request, cached);
    for (const auto& change : now->peer.build_changes) change(script, journal);
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

/// Opens the store, unless a fault keeps it shut.
Result<void> OpenStore(ArmedFaults& armed, Start& start) {
  constexpr char kFailed[] = "failed to open containers/storage store";
  const InForcePtr now = armed.Enter(Stage::opening);
  const std::string why = now->peer.storage_error ? now->peer.storage_error() : "";
  if (!why.empty()) {
    return tl::unexpected(InStep({kExitStartFailed, why}, kFailed, StorageFields(start.flags)));
  }
  if (auto opened = OpenStorage(start.flags); !opened) return opened;
  start.log.Info("containers/storage store initialised", StorageFields(start.flags));
  return {};
}

/// Plays the start and then serves. Returns only when the start fails.
Failure Play(ArmedFaults& armed, Answers& answers, Start& start) {
  RunPhase(v1::START, armed, start);
  std::optional<Behind> behind;
  if (const v1::FaultPlan& plan = armed.Now()->plan; plan.has_upstream()) {
    Result<Behind> started = StartBehind(plan.upstream().path(), start);
    if (!started) return started.error();
    behind = std::move(*started);
  }
  std::optional<StopKills> stop_kills(std::in_place, !armed.Now()->peer.ignores_signal);
  const Result<TlsServer> tls = LoadTls(start.flags, armed);
  if (!tls) return InStep(tls.error(), "failed to load TLS config");
  if (!behind) {
    if (auto opened = OpenStore(armed, start); !opened) return opened.error();
  }
  stop_kills.reset();
  Result<Listener> listener = Bind(start.flags.bind);
  if (!listener) {
    return InStep(listener.error(), "failed to listen", {{"bind", start.flags.bind}});
  }
  start.listener = std::move(*listener);
  const InForcePtr bound = armed.Enter(Stage::announced);
  if (bound->peer.before_listen) bound->peer.before_listen(start);
  if (auto listens = Listen(start.listener); !listens) return listens.error();
  start.journal.Write([&](v1::JournalEntry& entry) {
    entry.mutable_listening()->set_address(start.listener.address);
  });
  RunPhase(v1::BOUND, armed, start);
  const InForcePtr at_line = armed.Enter(Stage::line);
  const auto& print_line = at_line->peer.print_line;
  // Without a fault at the line, a client that stops the fake right behind it always meets the
  // same.
  if (!print_line && at_line->peer.at_phase[v1::LINE].empty()) start.signals.HandleFromNowOn();
  const AfterLine after = print_line ? print_line(start) : PrintHonestLine(start);
  if (after == AfterLine::stall) ListenOnly(start);
  RunPhase(v1::LINE, armed, start);
  start.signals.HandleFromNowOn();
  if (behind) return ServeInFront(start, armed, *tls, *behind);
  start.log.Info("zlayer-buildd ready", ReadyFields(start));
  Serve(start, armed, answers, *tls, Scripts(armed, start.journal));
}

}  // namespace

Failure Launch(const DaemonFlags& flags, int argc, char* const* argv, Journal& journal) {
  Result<ChosenPlan> chosen = ChoosePlanInTime();
  if (auto opened = OpenJournal(journal); !opened) return opened.error();
  JournalStarted(argc, argv, journal);
  if (auto given = RequireTlsFlags(flags); !given) return given.error();
  if (!chosen) return chosen.error();
  const Result<std::uint32_t> launch = CountLaunch();
  if (!launch) return launch.error();
  while (chosen->plan.seed() == 0) chosen->plan.set_seed(std::random_device()());
  ArmLifetime(*LifetimeMs(chosen->plan.lifetime_ms()), journal.fd());
  BoundMemory(chosen->plan.memory_mib());
  RaiseFileLimit();
  if (chosen->plan.has_upstream()) {
    if (auto runs = CheckUpstream(chosen->plan.upstream().path()); !runs) return runs.error();
  }
  if (chosen->plan.rootless() && !IsReExecuted()) return RunRootless(argv, *launch, journal);
  // The socket is there when the plan is in the journal, so that whoever reads that can connect.
  Result<UniqueFd> listener = ListenIfControlled();
  if (!listener) return listener.error();
  JournalPlan(*chosen, *launch, journal);
  ArmedFaults armed(flags, *launch, journal);
  if (auto done = armed.ArmPlan(chosen->plan); !done) {
    return {kExitBadInput, chosen->source + ": " + done.error().message};
  }
  // In front of an upstream, stderr is its log and not the fake's.
  const Log log(chosen->plan.has_upstream() ? LogLevel::error : flags.log_level,
                [&armed] { return armed.Now()->peer.clock_offset_secs; });
  Signals signals(journal);
  if (auto blocked = signals.Block(); !blocked) return blocked.error();
  signals.Report([&](int signal) { armed.happenings().SignalCame(signal); });
  signals.IgnoreIf([&armed] {
    const InForcePtr now = armed.Now();
    return now->peer.ignores_signal && now->peer.ignores_signal();
  });
  Answers answers(armed, journal);
  std::optional<ControlServer> control;
  if (*listener) {
    armed.ExpectChanges();
    control.emplace(std::move(*listener), answers, journal);
  }
  Start start{flags, journal, signals, log, {}, argv, *launch, {}};
  return Play(armed, answers, start);
}

Result<void> PlayVersionFault(const DaemonFlags& flags, char* const* argv, Journal& journal) {
  Result<ChosenPlan> chosen = ChoosePlanInTime();
  if (auto opened = OpenJournal(journal); !opened) return opened;
  if (!chosen) return tl::unexpected(chosen.error());
  while (chosen->plan.seed() == 0) chosen->plan.set_seed(std::random_device()());
  Peer peer;
  ApplyVersionFaults(chosen->plan, journal, peer);
  if (!peer.print_version && !chosen->plan.has_upstream()) return {};
  ArmLifetime(*LifetimeMs(chosen->plan.lifetime_ms()), journal.fd());
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
