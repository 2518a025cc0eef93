#include "fakes/src/daemon/serve.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <future>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/daemon/connections.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/service/rpc_server.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
/// Interval at which the daemon checks whether it is idle, as in the deployed daemon. A shorter
/// `--idle-secs` is itself the interval.
constexpr std::int64_t kIdleCheckInterval = 5 * kSecond;
/// Pause before the next accept(2) after one failed because no descriptor was left. The listener
/// stays readable then, so without a pause the loop would spin.
constexpr std::int64_t kAcceptRetryDelay = kSecond / 20;
/// Longest time for open RPCs to end, as in the deployed daemon.
constexpr std::chrono::milliseconds kDrainTimeout{10'000};
/// Time for a peer without an open RPC to answer GOAWAY. It is short because some peers answer
/// late: an idle gRPC client in C++ polls its connection only every five seconds.
constexpr std::chrono::milliseconds kGoawayTimeout{10};
/// Time to flush the last bytes of connections that the gRPC server has closed.
constexpr int kFlushTimeoutMs = 50;

std::string PeerName(const sockaddr_storage& address) {
  char host[INET6_ADDRSTRLEN] = "";
  std::uint16_t port = 0;
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, host, sizeof host);
    port = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    inet_ntop(AF_INET6, &v6.sin6_addr, host, sizeof host);
    port = ntohs(v6.sin6_port);
    return "[" + std::string(host) + "]:" + std::to_string(port);
  }
  return std::string(host) + ":" + std::to_string(port);
}

std::string SignalName(const Start& start) {
  return std::string("SIG") + sigabbrev_np(start.signals.last_signal());
}

/// False when the process has no descriptor left; the connection then waits in the kernel.
bool AcceptOne(int listener, Connections& connections) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  UniqueFd socket(
      accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket) return errno != EMFILE && errno != ENFILE;
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  connections.Add(std::move(socket), PeerName(peer));
  return true;
}

struct Reason {
  std::string text;
  bool is_signal = false;
};

/// Accepts connections, unless a fault (never_accept) stops that for as long as it is armed.
class Acceptor {
 public:
  Acceptor(int listener, ArmedFaults& armed, Connections& connections)
      : listener_(listener), armed_(armed), connections_(connections) {}

  /// The descriptor to wait for: a connection, or a change of the faults while none is accepted.
  int fd() const { return stopped_by_ ? armed_.changed_fd() : listener_; }

  /// Call when fd() is readable. False when the process has no descriptor left.
  bool Take() {
    const TriggerPtr stops = armed_.Now()->peer.stops_accepting;
    if (stopped_by_) {
      eventfd_t changes = 0;
      eventfd_read(armed_.changed_fd(), &changes);
      if (stops != stopped_by_) stopped_by_ = nullptr;
      return true;
    }
    if (!stops || !stops->Happens()) return AcceptOne(listener_, connections_);
    stopped_by_ = stops;  // the listener stays open: the kernel still completes connections
    return true;
  }

 private:
  const int listener_;
  ArmedFaults& armed_;
  Connections& connections_;
  TriggerPtr stopped_by_;
};

/// Accepts connections until a stop signal or the idle limit. Returns which of the two it was.
Reason AcceptUntilStopped(Start& start, Acceptor acceptor, const Activity& activity) {
  const std::int64_t limit = start.flags.idle_secs * kSecond;
  const std::int64_t interval = std::min(kIdleCheckInterval, limit);
  std::int64_t next_check = limit == 0 ? kNoDeadline : MonotonicNs() + interval;
  for (;;) {
    switch (start.signals.Wait(acceptor.fd(), POLLIN, next_check)) {
      case Woke::stop:
        return {SignalName(start), true};
      case Woke::ready:
        if (!acceptor.Take() &&
            start.signals.Wait(-1, 0, MonotonicNs() + kAcceptRetryDelay) == Woke::stop) {
          return {SignalName(start), true};
        }
        break;
      case Woke::timeout:
        if (activity.IdleNs() >= limit) {
          return {"idle for " + std::to_string(start.flags.idle_secs) + " s"};
        }
        next_check = MonotonicNs() + interval;
        break;
    }
  }
}

/// Stops the gRPC server and closes all connections. True when every RPC ended by itself within
/// kDrainTimeout. server.Drain() runs in a thread of its own, because it also waits for the peers
/// to close, which HangUp() may have to force.
bool Drain(RpcServer& server, Connections& connections, Activity& activity) {
  connections.Drain();
  auto drained = std::async(std::launch::async, [&] { server.Drain(kDrainTimeout); });
  const bool graceful = activity.WaitUntilIdle(kDrainTimeout);
  if (graceful && drained.wait_for(kGoawayTimeout) != std::future_status::ready)
    connections.HangUp();
  drained.get();
  connections.Stop(kFlushTimeoutMs);
  return graceful;
}

}  // namespace

void Serve(Start& start, ArmedFaults& armed, Answers& answers, const TlsServer& tls,
           const ScriptSource& scripts) {
  Activity& activity = armed.activity();
  RpcServer server(start.flags, scripts, start.journal, activity);
  Connections connections(tls, armed, start.journal, start.log,
                          [&](UniqueFd connection, std::uint32_t number) {
                            server.Adopt(std::move(connection), number);
                          });
  start.set_serving = [&](bool serving) { server.SetServing(serving); };
  answers.SetRelease([&](const std::string& id) { return server.ReleaseHold(id); });
  armed.Serve(start);
  const Reason reason = AcceptUntilStopped(
      start, Acceptor(start.listener.socket.get(), armed, connections), activity);
  start.log.Info("shutting down", {{"reason", reason.text}});
  start.listener.socket.Reset();
  const bool graceful = Drain(server, connections, activity);
  armed.StopWorks();
  start.signals.Collect();
  if (!graceful) start.log.Info("stopped hard", {{"after", "10s"}});
  const InForcePtr now = armed.Now();
  if (reason.is_signal && now->peer.stop) now->peer.stop(start);
  Leave(start.journal, kExitOk, reason.text + (graceful ? "" : ", stopped hard"));
}

void ListenOnly(Start& start) {
  while (start.signals.Wait(-1, 0, kNoDeadline) != Woke::stop) {
  }
  Leave(start.journal, kExitOk, SignalName(start));
}

}  // namespace zlayer::fakes::daemon
