// What the faults of a connection's bytes have in common.
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

namespace zlayer::fakes {

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

/// Acts on what comes in its directions behind the first `after_bytes` of each; the rest passes.
class NetworkFault : public ByteFault {
 public:
  NetworkFault(v1::Direction direction, std::uint64_t after_bytes, TriggerPtr trigger);

  void Open(std::int64_t now_ns, Outlet& out) final;
  void Pass(Direction direction, Piece piece, Outlet& out) final;

 protected:
  /// The first bytes have passed; with none to pass, nothing has come yet.
  virtual void Reach(Direction /*direction*/, std::int64_t /*now_ns*/, Outlet& /*out*/) {}

  /// A piece of what follows.
  virtual void Act(Direction direction, Piece piece, Outlet& out) = 0;

  /// Journals that the fault has happened, once a connection.
  void Fire();
  bool fired() const { return fired_; }

  /// Passes `piece` on, no earlier than any bytes before it: a stream has an order, which delays of
  /// different length must not change.
  void EmitInOrder(Direction direction, Piece piece, Outlet& out);
  /// When the last bytes leave that were emitted in order.
  std::int64_t last_due_ns(Direction direction) { return last_due_ns_[direction]; }

 private:
  const TriggerPtr trigger_;
  PerDirection<std::optional<std::uint64_t>> first_bytes_;  // still to pass; empty: all pass
  PerDirection<std::int64_t> last_due_ns_;
  bool fired_ = false;
};

/// Every network fault acts on connections that are served.
Reach ReachOfConnection(const v1::Fault& fault);

/// Adds what `make` makes to each connection that `trigger` takes.
void ChangeConnections(Peer& peer, const TriggerPtr& trigger, MakeByteFault make);

/// Chance in connection `number`: one direction's does not depend on what goes in the other.
PerDirection<Random> ChanceOf(const Trigger& trigger, std::uint32_t number);

}  // namespace zlayer::fakes
