// A gRPC interceptor that reports the begin and the end of every RPC to the journal and the idle
// clock.

#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "fakes/src/base/journal.h"
#include "fakes/src/service/activity.h"

namespace zlayer::fakes::daemon {

/// Both references must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewRpcInterceptor(
    Journal& journal, Activity& activity);

}  // namespace zlayer::fakes::daemon
