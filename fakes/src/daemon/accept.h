// Accepts connections from the listener.

#pragma once

#include <cstdint>

#include "fakes/src/daemon/connections.h"

namespace zlayer::fakes::daemon {

/// Pause before the next accept(2) after one failed because no descriptor was left. The listener
/// stays readable then, so without a pause the loop would spin.
inline constexpr std::int64_t kAcceptRetryDelayNs = 50'000'000;

/// Accepts connections, unless a fault (never_accept) stops that for as long as it is armed. Only
/// the main thread uses it.
class Acceptor {
 public:
  /// All must outlive this. `listener` is the listening socket.
  Acceptor(int listener, ArmedFaults& armed, Connections& connections)
      : listener_(listener), armed_(armed), connections_(connections) {}

  /// The descriptor to wait for: a connection, or a change of the faults while none is accepted.
  int fd() const { return stopped_by_ ? armed_.changed_fd() : listener_; }

  /// Call when fd() is readable. False when the process has no descriptor left: the connection then
  /// waits in the kernel.
  bool Take();

 private:
  bool AcceptOne();

  const int listener_;
  ArmedFaults& armed_;
  Connections& connections_;
  TriggerPtr stopped_by_;
};

}  // namespace zlayer::fakes::daemon
