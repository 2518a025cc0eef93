#include "fakes/src/faults/network/network_fault.h"

#include <algorithm>

namespace zlayer::fakes::daemon {

NetworkFault::NetworkFault(v1::Direction direction, std::uint64_t after_bytes, TriggerPtr trigger)
    : trigger_(std::move(trigger)) {
  if (direction != v1::UP) first_bytes_[Direction::down] = after_bytes;
  if (direction != v1::DOWN) first_bytes_[Direction::up] = after_bytes;
}

void NetworkFault::Open(std::int64_t now_ns, Outlet& out) {
  for (const Direction direction : {Direction::up, Direction::down}) {
    if (first_bytes_[direction] == 0) FirstBytesPassed(direction, now_ns, out);
  }
}

void NetworkFault::Pass(Direction direction, Piece piece, Outlet& out) {
  auto& first = first_bytes_[direction];
  if (!first) return out.Emit(direction, std::move(piece));
  if (*first > 0) {
    const size_t size = std::min<std::uint64_t>(*first, piece.bytes.size());
    *first -= size;
    if (*first > 0) return out.Emit(direction, std::move(piece));
    out.Emit(direction, {.bytes = piece.bytes.substr(0, size), .due_ns = piece.due_ns});
    piece.bytes.erase(0, size);
    FirstBytesPassed(direction, piece.due_ns, out);
    if (piece.bytes.empty() && piece.then == Piece::Then::go_on) return;
  }
  Act(direction, std::move(piece), out);
}

void NetworkFault::Fire() {
  if (!fired_) trigger_->Fired();
  fired_ = true;
}

void NetworkFault::EmitInOrder(Direction direction, Piece piece, Outlet& out) {
  if (piece.bytes.empty() && piece.then == Piece::Then::go_on) return;
  std::int64_t& last = last_due_ns_[direction];
  piece.due_ns = std::max(piece.due_ns, last);
  if (!piece.bytes.empty()) last = piece.due_ns;
  out.Emit(direction, std::move(piece));
}

Reach ReachOfConnection(const v1::Fault& /*fault*/) { return {.in_bytes = true}; }

Reach ReachOfCut(bool at_once, bool both_ways) {
  return {.prevents_handshake = at_once,
          .prevents_http2 = at_once,
          .in_bytes = !at_once,
          .prevents_bytes = at_once && both_ways};
}

void ChangeConnections(Peer& peer, const TriggerPtr& trigger, MakeByteFault make) {
  peer.connections.network.push_back(
      [trigger, make = std::move(make)](std::uint32_t number) -> std::unique_ptr<ByteFault> {
        return trigger->Take(number) ? make(number) : nullptr;
      });
}

PerDirection<Random> ChanceOf(const Trigger& trigger, std::uint32_t number) {
  return {trigger.RandomFor(std::uint64_t{1} << 32 | number), trigger.RandomFor(number)};
}

}  // namespace zlayer::fakes::daemon
