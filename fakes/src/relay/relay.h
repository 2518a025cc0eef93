// Carries the bytes of one connection through the faults of a plan.
//
// This room, relay/, is the engine below network and HTTP/2 faults. A Relay is a thread between two
// sockets, the client's (outer) and the server's (inner). It passes each piece of bytes through a
// Pipeline of ByteFaults (byte_fault.h, pipeline.h); the result waits in a Lane (lane.h), one for
// each direction, until it is due. Invariants: one thread does everything for a connection; faults
// never block, only the relay waits; a lane holds a bounded number of bytes; without a fault the
// bytes pass unchanged and in order. Start reading at byte_fault.h.

#pragma once

#include <memory>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "fakes/src/process/small_thread.h"
#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

/// Calls all `makers` for connection `number` and returns the faults that they made, in order.
ByteFaults MakeByteFaults(const std::vector<MakeByteFault>& makers, std::uint32_t number);

/// Why a relay ended. The first that happened counts.
enum class RelayEnd { client, server, fault, stopped };

/// A thread between a client's connection and the code that serves it.
class Relay {
 public:
  /// The first of `faults` is nearest to the client. `outer` is non-blocking and must stay open
  /// until the relay is destroyed. The relay ends early when `stop_fd` (an eventfd) becomes
  /// readable.
  Relay(ByteFaults faults, int outer, int stop_fd);

  /// Joins the thread. It ends when all bytes that were written to the inner socket have been sent
  /// to the outer one, or cannot be sent any more.
  ~Relay();

  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  /// The non-blocking inner socket, for the server to use and close. Empty when the process had no
  /// descriptor or no memory left.
  UniqueFd TakeInner() { return std::move(inner_); }

  /// Waits until the thread ends, as the destructor does.
  RelayEnd Join();

 private:
  UniqueFd inner_;
  RelayEnd end_ = RelayEnd::stopped;  // written by the thread
  SmallThread thread_;
};

}  // namespace zlayer::fakes::daemon
