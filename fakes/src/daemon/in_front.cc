#include "fakes/src/daemon/in_front.h"

#include <poll.h>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/daemon/accept.h"
#include "fakes/src/daemon/connections.h"
#include "fakes/src/peer/companions.h"
#include "fakes/src/tls/client_context.h"
#include "fakes/src/upstream/link.h"
#include "fakes/src/upstream/pass_stdout.h"

namespace zlayer::fakes::daemon {
namespace {

using Event = Upstream::Event;

/// Time for the last bytes of a dead upstream to reach the clients.
constexpr int kFlushTimeoutMs = 50;

/// Accepts connections until the upstream has ended, or a stop signal has come. Then the listener
/// is closed, as the daemon closes its own, while open connections go on. True: there was a signal.
bool AcceptUntilEnded(Start& start, Acceptor acceptor, Upstream& upstream) {
  bool stopped = false;
  for (;;) {
    switch (upstream.Wait(stopped ? -1 : acceptor.fd(), POLLIN)) {
      case Event::ready:
        if (!acceptor.Take()) {
          stopped = upstream.Wait(-1, 0, MonotonicNs() + kAcceptRetryDelayNs) == Event::signal;
        }
        break;
      case Event::signal:
        stopped = true;
        break;
      case Event::ended:
        return stopped;
      case Event::timeout:
        break;
    }
    if (stopped) start.listener.socket.Reset();
  }
}

}  // namespace

Result<Behind> StartBehind(const std::string& path, Start& start) {
  auto upstream =
      Upstream::Start(path, UpstreamStdout::piped, start.argv, start.signals, start.journal);
  if (!upstream) return tl::unexpected(upstream.error());
  FirstLine line = ReadFirstLine(**upstream, start.journal);
  const auto address = AddressInLine(line.text);
  if (!address) PassAndEndAlike(**upstream, line.text + line.rest);
  return Behind{std::move(*upstream), *address, std::move(line.rest)};
}

Failure RunInstead(const std::string& path, Start& start) {
  const auto upstream =
      Upstream::Start(path, UpstreamStdout::own, start.argv, start.signals, start.journal);
  if (!upstream) return upstream.error();
  while ((*upstream)->Wait(-1, 0) != Event::ended) {
  }
  (*upstream)->EndAlike();
}

Failure ServeInFront(Start& start, ArmedFaults& armed, const TlsServer& tls, const Behind& behind) {
  const DaemonFlags& flags = start.flags;
  Result<SslContextPtr> context = NewClientContext({flags.tls_ca, flags.tls_cert, flags.tls_key});
  if (!context) return context.error();
  Links links(std::move(*context), behind.address, start.journal);
  Connections connections(tls, armed, start.journal, Http2::as_upstream,
                          [&](UniqueFd connection, const ServedConnection& served) {
                            links.Carry(std::move(connection), served.cut);
                          });
  armed.Serve(start);
  const std::vector<Work> works = {[&behind](Start&, const Waiter& wait) {
    PassStdout(behind.upstream->out(), behind.unprinted, wait);
  }};
  Companions companions(works, start);
  const bool stopped = AcceptUntilEnded(
      start, Acceptor(start.listener.socket.get(), armed, connections), *behind.upstream);
  start.listener.socket.Reset();
  connections.Stop(kFlushTimeoutMs);
  companions.Stop();
  armed.StopWorks();
  start.signals.Collect();
  const InForcePtr now = armed.Now();
  if (stopped && now->peer.stop) now->peer.stop(start);
  behind.upstream->EndAlike();
}

}  // namespace zlayer::fakes::daemon
