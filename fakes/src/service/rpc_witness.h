// Sees every RPC begin and end: for the journal and the idle clock.

#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <memory>

#include "fakes/src/base/journal.h"
#include "fakes/src/service/activity.h"

namespace zlayer::fakes {

/// Both references must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewRpcWitness(
    Journal& journal, Activity& activity);

}  // namespace zlayer::fakes
