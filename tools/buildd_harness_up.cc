#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "tools/buildd_harness.h"
#include "tools/stop_signals.h"
#include "tools/terminal.h"
#include "zlayer/sidecar/sidecar_lifecycle.h"

namespace zlayer::tools {
namespace {

using sidecar::LiveSidecar;
using sidecar::SidecarLifecycle;

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

sidecar::Environment EnvironmentFor(const UpOptions& options) {
  sidecar::Environment environment = sidecar::Environment::OfThisProcess();
  if (!options.binary.empty()) environment.Set("ZLAYER_BUILDD_BIN", options.binary);
  if (!options.data_dir.empty()) environment.Set("ZLAYER_DATA_DIR", options.data_dir);
  return environment;
}

sidecar::SidecarConfig ConfigFor(const UpOptions& options) {
  sidecar::SidecarConfig config;
  config.idle_secs = options.idle_secs;
  if (!options.addr.empty()) config.addr = options.addr;
  if (!options.tls_dir.empty()) config.tls_dir = options.tls_dir;
  return config;
}

/// A descriptor that becomes readable when the sidecar's process ends; -1 for a remote one.
int OpenPidfd(const LiveSidecar& live) {
  if (!live.pid()) return -1;
  return static_cast<int>(syscall(SYS_pidfd_open, *live.pid(), 0));
}

/// Waits for a signal or for the sidecar's end; true for a signal.
bool Stay(const LiveSidecar& live, const StopSignals& signals) {
  const int pidfd = OpenPidfd(live);
  // The library offers no descriptor for the end of a connection: a remote sidecar's flag, and that
  // of one whose connection breaks while it lives, is looked at every 250 ms.
  constexpr int kLookMs = 250;
  pollfd ends[] = {{signals.fd(), POLLIN, 0}, {pidfd, POLLIN, 0}};
  while (live.alive() && !signals.came()) {
    ends[1].revents = 0;
    poll(ends, 2, kLookMs);
    if ((ends[1].revents & POLLIN) != 0) break;
  }
  if (pidfd >= 0) close(pidfd);
  return signals.came();
}

std::string HowItEnded(const std::optional<sidecar::StopReport>& report, bool remote) {
  if (remote || !report) return "disconnected; the sidecar is not ours to stop";
  const std::string time = fmt::format("{:.1f} ms", Milliseconds(report->took));
  if (report->exit_code) return fmt::format("exit code {}, {}", *report->exit_code, time);
  if (!report->signal) return time;
  return fmt::format("killed by signal {} ({}){}, {}", *report->signal, strsignal(*report->signal),
                     report->escalated ? " after the grace" : "", time);
}

int PrintError(const sidecar::LifecycleError& error) {
  fmt::print(stderr, "buildd-harness: {}: {}\n", ErrorKindName(error.kind), error.message);
  if (!error.stderr_tail.empty()) {
    fmt::print(stderr, "end of the sidecar's stderr:\n{}{}", error.stderr_tail,
               error.stderr_tail.ends_with('\n') ? "" : "\n");
  }
  return error.kind == sidecar::ErrorKind::config_invalid ? kBadInput : kFailed;
}

}  // namespace

int UpCommand(const UpOptions& options) {
  const StopSignals signals;
  Terminal terminal;
  sidecar::LifecycleOptions limits;
  limits.environment = EnvironmentFor(options);
  limits.on_phase = [&](sidecar::Phase phase, std::chrono::nanoseconds took) {
    terminal.Line(fmt::format("  {:<13} {:>8.2f} ms", PhaseName(phase), Milliseconds(took)));
  };
  SidecarLifecycle lifecycle(ConfigFor(options), limits);
  auto live = lifecycle.Ensure();
  if (!live) return PrintError(live.error());
  const bool remote = !live->pid().has_value();
  terminal.Line(fmt::format("\n  address       {}", terminal.Bold(live->address())));
  terminal.Line(remote ? "  pid           none of ours: a remote sidecar"
                       : fmt::format("  pid           {}", *live->pid()));
  terminal.Line(terminal.Dim("\nCtrl-C stops it."));
  const bool asked = Stay(*live, signals);
  terminal.Line(asked ? "\nstopping" : "\nthe sidecar is gone");
  live = tl::unexpected(sidecar::LifecycleError{});  // the handle must go before Shutdown waits
  terminal.Line(HowItEnded(lifecycle.Shutdown(), remote));
  return asked ? kPassed : kFailed;
}

}  // namespace zlayer::tools
