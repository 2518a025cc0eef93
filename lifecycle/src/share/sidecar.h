// What all handles of one sidecar share.

#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "lifecycle/src/base/event_loop.h"
#include "lifecycle/src/connect/liveness.h"
#include "lifecycle/src/connect/tls_relay.h"
#include "lifecycle/src/supervise/sidecar_process.h"
#include "zlayer/sidecar/context_mount.h"

namespace grpc {
class Channel;
}

namespace zlayer::sidecar {

/// The destructor closes the connection, then asks the process to end. It does not wait, unless it
/// drops the loop's last reference.
class Sidecar {
 public:
  struct Parts {
    std::shared_ptr<EventLoop> loop;
    std::shared_ptr<SidecarProcess> process;  // null: remote
    std::shared_ptr<TlsRelay> relay;
    std::shared_ptr<grpc::Channel> channel;
    std::shared_ptr<Liveness> liveness;
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
