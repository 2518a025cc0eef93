// One direction of a relay: its two sockets, and the pieces that have passed the faults and wait
// until they are due.

#pragma once

#include <cstddef>
#include <iterator>
#include <list>
#include <utility>

#include "fakes/src/relay/byte_fault.h"

namespace zlayer::fakes::daemon {

struct Lane {
  int source = -1;
  int sink = -1;
  bool source_ended = false;
  bool sink_ended = false;   // the sink got the end of the stream, or its reader is gone
  std::list<Piece> waiting;  // sorted by due_ns
  size_t waiting_bytes = 0;

  /// Inserts by time, behind pieces with the same time.
  void Enqueue(Piece piece) {
    if (piece.bytes.empty() && piece.then == Piece::Then::go_on) return;
    waiting_bytes += piece.bytes.size();
    auto at = waiting.end();
    while (at != waiting.begin() && std::prev(at)->due_ns > piece.due_ns) --at;
    waiting.insert(at, std::move(piece));
  }
};

}  // namespace zlayer::fakes::daemon
