// One direction of a relay: from its source, through the faults, to its sink.

#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <utility>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes {

struct Lane {
  int source = -1;
  int sink = -1;
  bool source_ended = false;
  bool sink_ended = false;   // told that nothing comes any more, or gone
  std::list<Piece> waiting;  // by time
  size_t waiting_bytes = 0;

  void Enqueue(Piece piece) {
    if (piece.bytes.empty() && piece.then == Piece::Then::go_on) return;
    waiting_bytes += piece.bytes.size();
    auto at = waiting.end();
    while (at != waiting.begin() && std::prev(at)->due_ns > piece.due_ns) --at;
    waiting.insert(at, std::move(piece));
  }
};

}  // namespace zlayer::fakes
