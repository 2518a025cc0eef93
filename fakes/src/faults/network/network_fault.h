// The base class of network faults.
//
// The faults of this folder, network/, change the bytes of a connection below TLS, so they work
// without its keys. Each is a ByteFault (relay/byte_fault.h) that a Relay runs, one object for each
// connection. This class adds what most have in common: a direction, a number of bytes that pass
// first, and the journal entry. A fault never waits; it only sets the time at which bytes leave.
// The exception is never_accept.cc, which acts on the listener.
//
//   class Drop final : public NetworkFault {
//     using NetworkFault::NetworkFault;
//     void Act(Direction, Piece, Outlet&) override { Fire(); }
//   };

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "fakes/src/faults/registry.h"
#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

constexpr std::int64_t kNsPerUs = 1'000;
constexpr std::int64_t kNsPerMs = 1'000'000;

/// One value for each direction.
template <typename T>
class PerDirection {
 public:
  PerDirection() = default;
  PerDirection(T up, T down) : values_{std::move(up), std::move(down)} {}

  T& operator[](Direction direction) { return values_[direction == Direction::up ? 0 : 1]; }

 private:
  std::array<T, 2> values_{};
};

/// Calls Act() for the bytes of its directions, after the first `after_bytes` of each. The first
/// bytes and the other direction pass unchanged.
class NetworkFault : public ByteFault {
 public:
  NetworkFault(v1::Direction direction, std::uint64_t after_bytes, TriggerPtr trigger);

  void Open(std::int64_t now_ns, Outlet& out) final;
  void Pass(Direction direction, Piece piece, Outlet& out) final;

 protected:
  /// Called once for each of its directions when the first `after_bytes` have passed; when
  /// `after_bytes` is 0, as soon as the connection is open.
  virtual void FirstBytesPassed(Direction /*direction*/, std::int64_t /*now_ns*/, Outlet& /*out*/) {
  }

  /// Called for each piece after the first bytes. Emits to `out` what passes.
  virtual void Act(Direction direction, Piece piece, Outlet& out) = 0;

  /// Journals `fault_fired`, at most once for each connection.
  void Fire();
  bool fired() const { return fired_; }

  /// Emits `piece`, but never earlier than bytes that were emitted before it: delays of different
  /// lengths must not reorder a stream.
  void EmitInOrder(Direction direction, Piece piece, Outlet& out);
  /// The time at which the last bytes that EmitInOrder() emitted leave.
  std::int64_t last_due_ns(Direction direction) { return last_due_ns_[direction]; }

 private:
  const TriggerPtr trigger_;
  PerDirection<std::optional<std::uint64_t>>
      first_bytes_;  // still to pass first; nullopt: not its direction
  PerDirection<std::int64_t> last_due_ns_;
  bool fired_ = false;
};

/// The `reach` of most network faults: they act on connections that are served.
Reach ReachOfConnection(const v1::Fault& fault);

/// The `reach` of a fault that cuts every connection off. `at_once`: before any byte; `both_ways`:
/// neither direction carries a byte any more.
Reach ReachOfCut(bool at_once, bool both_ways);

/// Adds a fault to the connections for which `trigger` happens; `make` makes one for each
/// connection.
void ChangeConnections(Peer& peer, const TriggerPtr& trigger, MakeByteFault make);

/// Random numbers for connection `number`, one stream for each direction: the numbers of one
/// direction do not depend on the traffic of the other.
PerDirection<Random> ChanceOf(const Trigger& trigger, std::uint32_t number);

}  // namespace zlayer::fakes::daemon
