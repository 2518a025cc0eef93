// Carries the bytes of one connection through the faults of a plan.

#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes {

/// Those of `makers` that have to do with connection `number`, in their order.
ByteFaults MakeByteFaults(const std::vector<MakeByteFault>& makers, std::uint32_t number);

/// A thread between a connection and whoever serves it.
class Relay {
 public:
  /// The first of `faults` is next to the client. `outer`, non-blocking, must stay open until the
  /// relay is gone; `stop_fd` (an eventfd) ends the relay early.
  Relay(ByteFaults faults, int outer, int stop_fd);

  /// Waits until what was written to the inner end has reached the outer one, or cannot any more.
  ~Relay();

  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// For the server, which closes it; non-blocking. Not there when descriptors have run out.
  UniqueFd TakeInner() { return std::move(inner_); }

 private:
  UniqueFd inner_;
  std::thread thread_;
};

}  // namespace zlayer::fakes
