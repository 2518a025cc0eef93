#include "fakes/src/daemon/serve.h"

#include <poll.h>
#include <signal.h>

#include <chrono>
#include <future>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/daemon/accept.h"
#include "fakes/src/daemon/connections.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/service/rpc_server.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t Nanoseconds(std::chrono::milliseconds span) {
  return std::chrono::nanoseconds(span).count();
}

/// How long a RUN step lives on when a signal stops the daemon, as measured on the deployed daemon.
/// So GOAWAY reaches the client before the end of its build.
constexpr std::chrono::milliseconds kStepEndsAfter{100};
/// Time to flush the last bytes of connections that the gRPC server has closed.
constexpr int kFlushTimeoutMs = 50;

/// The reason of a stop, as the deployed daemon's log names it.
std::string SignalReason(const Start& start) {
  return start.signals.last_signal() == SIGINT ? "signal:interrupt" : "signal:terminated";
}

struct Reason {
  std::string text;
  bool is_signal = false;
};

/// `--idle-secs` in nanoseconds; kNoDeadline for 0 and for more than the clock can count.
std::int64_t IdleLimit(const DaemonFlags& flags) {
  constexpr auto kMostSecs = static_cast<std::uint64_t>(kNoDeadline / kSecond);
  if (flags.idle_secs == 0 || flags.idle_secs > kMostSecs) return kNoDeadline;
  return static_cast<std::int64_t>(flags.idle_secs) * kSecond;
}

/// Logs the end of an idle daemon and returns it as the reason of the stop.
Reason IdleReason(const Start& start, std::int64_t idle_ns) {
  const std::string secs = std::to_string(start.flags.idle_secs);
  start.log.Info("idle shutdown", {NumberField("idle_seconds", start.flags.idle_secs),
                                   {"observed_gap_seconds",
                                    std::to_string(static_cast<double>(idle_ns) / 1e9), true}});
  return {"idle:" + secs + "s"};
}

/// Accepts connections until a stop signal or the idle limit. Returns which of the two it was.
Reason AcceptUntilStopped(Start& start, ArmedFaults& armed, Acceptor acceptor) {
  const std::int64_t limit = IdleLimit(start.flags);
  const auto tick = [&armed] { return Nanoseconds(LimitsOf(armed.Now()->plan).idle_tick); };
  std::int64_t next_look = limit == kNoDeadline ? kNoDeadline : MonotonicNs() + tick();
  for (;;) {
    switch (start.signals.Wait(acceptor.fd(), POLLIN, next_look)) {
      case Woke::stop:
        return {SignalReason(start), true};
      case Woke::ready:
        if (!acceptor.Take() &&
            start.signals.Wait(-1, 0, MonotonicNs() + kAcceptRetryDelayNs) == Woke::stop) {
          return {SignalReason(start), true};
        }
        break;
      case Woke::timeout:
        if (const std::int64_t idle = armed.activity().IdleNs(); idle >= limit) {
          return IdleReason(start, idle);
        }
        next_look += tick();
        break;
    }
  }
}

/// Stops the gRPC server: lets open RPCs end, then closes the connections. A signal also ends the
/// RUN steps of builds. True when everything ended before the limit, silent connections included.
/// server.Drain() runs in a thread of its own, because it also waits for clients that do not
/// acknowledge its PING, which HangUp() ends.
bool Drain(RpcServer& server, Connections& connections, Activity& activity, const Limits& limits,
           bool is_signal) {
  const std::int64_t hard_stop = MonotonicNs() + Nanoseconds(limits.drain);
  auto drained = std::async(std::launch::async, [&] { server.Drain(limits.drain); });
  const auto begun = std::chrono::steady_clock::now();
  if (is_signal && drained.wait_for(kStepEndsAfter) != std::future_status::ready) {
    server.SignalSteps();
  }
  if (drained.wait_until(begun + limits.unacknowledged) != std::future_status::ready) {
    const std::chrono::nanoseconds left(hard_stop - MonotonicNs());
    if (activity.WaitUntilIdle(std::chrono::duration_cast<std::chrono::milliseconds>(left))) {
      connections.HangUp();
    }
  }
  drained.get();
  return connections.AwaitSilent(hard_stop) && MonotonicNs() < hard_stop;
}

/// Drains, logs how, and waits for the ends of all connections. True when the drain was graceful.
bool Stop(Start& start, RpcServer& server, Connections& connections, Activity& activity,
          const Reason& reason, const Limits& limits) {
  const bool graceful = Drain(server, connections, activity, limits, reason.is_signal);
  if (graceful) {
    start.log.Info("graceful stop complete");
  } else {
    start.log.Warn("graceful stop timed out; forcing hard stop");
  }
  // However long that takes: each silent client has a deadline of its own.
  connections.AwaitSilent(kNoDeadline);
  connections.Stop(kFlushTimeoutMs);
  return graceful;
}

/// The limits of the stop that `reason` began.
Limits LimitsOfStop(Limits limits, const Reason& reason) {
  // The deployed daemon was seen to wait 6 s for such a client after a signal, 5 s at an idle exit.
  if (!reason.is_signal) limits.unacknowledged = limits.unacknowledged * 5 / 6;
  return limits;
}

}  // namespace

void Serve(Start& start, ArmedFaults& armed, Answers& answers, const TlsServer& tls,
           const ScriptSource& scripts) {
  Activity& activity = armed.activity();
  RpcServer server(start.flags, scripts, start.journal, activity);
  Connections connections(tls, armed, start.journal, Http2::honest,
                          [&](UniqueFd connection, const ServedConnection& served) {
                            server.Adopt(std::move(connection), served.number);
                          });
  start.set_serving = [&](bool serving) { server.SetServing(serving); };
  answers.SetRelease([&](const std::string& id) { return server.ReleaseHold(id); });
  armed.Serve(start);
  const Reason reason =
      AcceptUntilStopped(start, armed, Acceptor(start.listener.socket.get(), armed, connections));
  start.log.Info("shutting down", {{"reason", reason.text}});
  start.listener.socket.Reset();
  const Limits limits = LimitsOfStop(LimitsOf(armed.Now()->plan), reason);
  const bool graceful = Stop(start, server, connections, activity, reason, limits);
  armed.StopWorks();
  start.signals.Collect();
  start.log.Info("server stopped");
  const InForcePtr now = armed.Now();
  if (reason.is_signal && now->peer.stop) now->peer.stop(start);
  Leave(start.journal, kExitOk, reason.text + (graceful ? "" : ", stopped hard"));
}

void ListenOnly(Start& start) {
  start.signals.HandleFromNowOn();
  while (start.signals.Wait(-1, 0, kNoDeadline) != Woke::stop) {
  }
  Leave(start.journal, kExitOk, SignalReason(start));
}

}  // namespace zlayer::fakes::daemon
