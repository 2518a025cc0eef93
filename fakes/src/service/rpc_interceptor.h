// A gRPC interceptor that reports the begin and the end of every RPC to the journal and the idle
// clock.

#pragma once

#include <grpcpp/support/server_interceptor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "fakes/src/base/journal.h"
#include "fakes/src/service/activity.h"

namespace zlayer::fakes::daemon {

/// Which connection a socket of the gRPC server belongs to. gRPC tells a call's peer as "fd:N".
/// Thread-safe.
class ConnectionNumbers {
 public:
  void Set(int fd, std::uint32_t number) {
    const std::lock_guard lock(mutex_);
    numbers_["fd:" + std::to_string(fd)] = number;
  }

  /// 0 when no connection has this name.
  std::uint32_t Of(const std::string& peer) const {
    const std::lock_guard lock(mutex_);
    const auto found = numbers_.find(peer);
    return found == numbers_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::uint32_t> numbers_;  // no more than there were descriptors at a time
};

/// All references must outlive the server.
std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface> NewRpcInterceptor(
    Journal& journal, Activity& activity, const ConnectionNumbers& numbers);

}  // namespace zlayer::fakes::daemon
