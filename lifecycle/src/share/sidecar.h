// What all handles of one sidecar share.
//
// The room share/ turns many calls of Ensure() into one start and one shared sidecar. Start reading
// in sidecar_lifecycle.cc. Ensure returns the sidecar cached in CurrentSidecar. Without one, it
// joins the Attempt that is under way, or begins one (Starts). An Attempt runs StartSidecar on a
// thread of its own. The first caller that comes back with its result publishes the sidecar to
// CurrentSidecar; CrashLoop delays the next start after repeated failures. What must hold:
// - Callers join at most one Attempt at a time. It is cancelled when the last caller leaves it, and
//   the next one begins when it has ended.
// - A Sidecar is owned by CurrentSidecar and by its LiveSidecar handles. When the last owner goes,
//   the destructor closes the connection and then stops the process.
// - Callbacks of the user run on the thread of Callbacks, and no lock is held then.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/connect/liveness.h"
#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/src/share/loss.h"
#include "lifecycle/src/supervise/sidecar_process.h"
#include "zlayer/sidecar/context_mount.h"

namespace grpc {
class Channel;
}

namespace zlayer::sidecar {

/// A sidecar that has answered an RPC, and its connection.
///
/// The destructor closes the connection and asks the process to end. It may run on any thread, and
/// does not wait for the end.
class Sidecar {
 public:
  struct Parts {
    std::shared_ptr<EventLoop> loop;
    std::shared_ptr<SidecarProcess> process;  // null if the sidecar is remote
    std::shared_ptr<TlsRelay> relay;
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<Liveness> liveness;
    std::shared_ptr<const Loss> loss;  // tells how it was lost, once it is
    std::string address;
    bool authenticates_clients;
    std::chrono::milliseconds rpc_timeout;
    std::chrono::milliseconds grace;
    std::optional<ContextMount> context_mount;
  };

  explicit Sidecar(Parts parts) : parts_(std::move(parts)) {}
  ~Sidecar();
  Sidecar(const Sidecar&) = delete;
  Sidecar& operator=(const Sidecar&) = delete;

  const Parts& parts() const { return parts_; }

 private:
  const Parts parts_;
};

}  // namespace zlayer::sidecar
