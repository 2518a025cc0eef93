// A launch with an upstream: the fake starts it, prints a line of its own, and carries connections
// to it.
//
// launch.h plays the phases. StartBehind() comes between the faults of START and the listener, and
// ServeInFront() in place of Serve().

#pragma once

#include <memory>
#include <string>

#include "fakes/src/faults/armed_faults.h"
#include "fakes/src/peer/peer.h"
#include "fakes/src/tls/tls_server.h"
#include "fakes/src/upstream/first_line.h"
#include "fakes/src/upstream/upstream.h"

namespace zlayer::fakes::daemon {

/// The upstream, once it listens.
struct Behind {
  std::unique_ptr<Upstream> upstream;
  UpstreamAddress address;
  std::string unprinted;  ///< what it has printed behind its line
};

/// Starts the program at `path` and waits for its line. Signals are passed on meanwhile. When its
/// first line names no address, this function does not return: the client gets what the program
/// prints, and the fake ends as the program does. Errors are bad input or a failed start.
Result<Behind> StartBehind(const std::string& path, Start& start);

/// Runs the program at `path` in place of the fake: its stdout is the fake's own, and the fake ends
/// as it does. For `--version`. Returns only when it cannot be started.
Failure RunInstead(const std::string& path, Start& start);

/// Accepts connections and carries them until the upstream has ended; then ends as it did, or as
/// the plan's `stop` says. Returns only when TLS towards the upstream cannot be set up.
Failure ServeInFront(Start& start, ArmedFaults& armed, const TlsServer& tls, const Behind& behind);

}  // namespace zlayer::fakes::daemon
