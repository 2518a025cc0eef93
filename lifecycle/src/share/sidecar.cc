#include "lifecycle/src/share/sidecar.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/src/connect/grpc_deadline.h"
#include "zlayer/sidecar/live_sidecar.h"

namespace zlayer::sidecar {

Sidecar::~Sidecar() {
  if (InForkedChild()) {
    AbandonInForkedChild(std::make_shared<Parts>(parts_));
    return;
  }
  parts_.liveness->Release();
  // The connection is closed before SIGTERM: a draining daemon waits up to 10 s for open
  // streams, longer than the default grace of 5 s.
  parts_.relay->Close();
  if (parts_.process) parts_.process->Terminate(parts_.grace);
}

LiveSidecar::LiveSidecar(std::shared_ptr<Sidecar> sidecar) : sidecar_(std::move(sidecar)) {}

std::shared_ptr<grpc::Channel> LiveSidecar::Channel() const { return sidecar_->parts().channel; }

std::unique_ptr<grpc::ClientContext> LiveSidecar::NewContext() const {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(GrpcDeadline(DeadlineIn(sidecar_->parts().rpc_timeout)));
  return context;
}

std::chrono::milliseconds LiveSidecar::rpc_timeout() const { return sidecar_->parts().rpc_timeout; }

std::string LiveSidecar::GuestPath(std::string_view path) const {
  const auto& mount = sidecar_->parts().context_mount;
  return mount ? sidecar::GuestPath(*mount, path) : std::string(path);
}

bool LiveSidecar::alive() const { return !InForkedChild() && sidecar_->parts().liveness->alive(); }

bool LiveSidecar::authenticates_clients() const { return sidecar_->parts().authenticates_clients; }

const std::string& LiveSidecar::address() const { return sidecar_->parts().address; }

std::optional<int> LiveSidecar::pid() const {
  if (!sidecar_->parts().process) return std::nullopt;
  return sidecar_->parts().process->pid();
}

std::string LiveSidecar::StderrTail() const {
  if (InForkedChild() || !sidecar_->parts().process) return {};
  return sidecar_->parts().process->StderrTail();
}

}  // namespace zlayer::sidecar
