#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "tools/buildd_harness.h"
#include "tools/program_path.h"
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

/// A notice from another thread, as a descriptor to wait for, and what it says.
class Notice {
 public:
  Notice() : fd_(eventfd(0, EFD_CLOEXEC)) {}
  ~Notice() { close(fd_); }
  Notice(const Notice&) = delete;
  Notice& operator=(const Notice&) = delete;

  int fd() const { return fd_; }
  void Give(const std::string& text = "") {
    {
      const std::lock_guard lock(mutex_);
      text_ = text;
    }
    eventfd_write(fd_, 1);
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  int fd_;
  mutable std::mutex mutex_;
  std::string text_;  // guarded by mutex_
};

/// Waits for a signal or for the notice; true for a signal.
bool Await(const StopSignals& signals, const Notice& notice) {
  pollfd ends[] = {{signals.fd(), POLLIN, 0}, {notice.fd(), POLLIN, 0}};
  while (poll(ends, 2, -1) < 0 && errno == EINTR) {
  }
  return signals.came();
}

/// Ensure, which a signal cancels.
sidecar::Result<LiveSidecar> EnsureOrStop(SidecarLifecycle* lifecycle, const StopSignals& signals) {
  std::stop_source stop;
  Notice done;
  std::jthread watch([&] {
    if (Await(signals, done)) stop.request_stop();
  });
  auto live = lifecycle->Ensure(stop.get_token());
  done.Give();
  return live;
}

std::string HowItEnded(const std::optional<sidecar::StopReport>& report, bool remote) {
  if (remote || !report) return "disconnected; the sidecar is not ours to stop";
  std::string time = fmt::format("{:.1f} ms", Milliseconds(report->took));
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
  if (!options.binary.empty() && !options.addr.empty()) {
    return BadInput(
        "--binary starts a sidecar, --addr (or ZLAYER_BUILDD_ADDR) dials one; give one");
  }
  if (!options.binary.empty() && !IsProgram(options.binary)) {
    return BadInput(options.binary +
                    ": is not executable; --binary names the sidecar's executable");
  }
  const StopSignals signals;
  Terminal terminal;
  sidecar::LifecycleOptions limits;
  limits.environment = EnvironmentFor(options);
  limits.on_phase = [&](sidecar::Phase phase, std::chrono::nanoseconds took) {
    terminal.Line(fmt::format("  {:<13} {:>8.2f} ms", PhaseName(phase), Milliseconds(took)));
  };
  const auto loss = std::make_shared<Notice>();
  limits.on_lost = [loss](const sidecar::LifecycleError& why) { loss->Give(why.message); };
  // The library's callbacks come in order, so the phases have been printed when this one comes.
  const auto up = std::make_shared<Notice>();
  limits.on_event = [up](const sidecar::LifecycleEvent& event) {
    using Kind = sidecar::LifecycleEvent::Kind;
    if (event.kind == Kind::started || event.kind == Kind::restarted) up->Give();
  };
  SidecarLifecycle lifecycle(ConfigFor(options), limits);
  const auto begin = std::chrono::steady_clock::now();
  auto live = EnsureOrStop(&lifecycle, signals);
  if (!live) return PrintError(live.error());
  Await(signals, *up);
  const bool remote = !live->pid().has_value();
  terminal.Line(fmt::format("  {:<13} {:>8.2f} ms", "ready",
                            Milliseconds(std::chrono::steady_clock::now() - begin)));
  terminal.Line(fmt::format("\n  address       {}", terminal.Bold(live->address())));
  terminal.Line(remote ? "  pid           none of ours: a remote sidecar"
                       : fmt::format("  pid           {}", *live->pid()));
  terminal.Line(terminal.Dim("\nCtrl-C stops it."));
  const bool asked = Await(signals, *loss);
  terminal.Line(asked ? "\nstopping" : "\nthe sidecar is gone: " + loss->text());
  live = tl::unexpected(sidecar::LifecycleError{});  // the handle must go before Shutdown waits
  const auto report = lifecycle.Shutdown();
  terminal.Line(HowItEnded(report, remote));
  const bool clean = report && report->exit_code == 0;  // idle, or asked by somebody else
  return asked || clean ? kPassed : kFailed;
}

}  // namespace zlayer::tools
