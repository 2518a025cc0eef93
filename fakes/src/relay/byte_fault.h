// The interface of faults that change the bytes of one connection.
//
//   class Down : public ByteFault {
//     void Pass(Direction direction, Piece piece, Outlet& out) override {
//       if (direction == Direction::down) piece.due_ns += 5'000'000;
//       out.Emit(direction, std::move(piece));
//     }
//   };

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

/// Up: from the client to the daemon.
enum class Direction { up, down };

/// Bytes of one direction, the time at which they leave, and what happens to the stream after them.
struct Piece {
  enum class Then {
    go_on,
    end,    ///< this direction ends (half close)
    close,  ///< both directions end; bytes that still wait are dropped
    reset,  ///< as `close`, and the client gets a TCP reset
  };

  std::string bytes = {};
  /// The piece leaves at this time (monotonic ns) or later. Pieces of one direction leave in the
  /// order of their times; pieces with the same time leave in the order in which they were emitted.
  std::int64_t due_ns = 0;
  Then then = Then::go_on;
  /// Called once, just before the first byte is sent. May be empty.
  std::function<void()> leaves = {};
};

/// Where a fault emits pieces: the next fault in that direction, or the socket after the last
/// fault.
class Outlet {
 public:
  virtual void Emit(Direction direction, Piece piece) = 0;

 protected:
  ~Outlet() = default;
};

/// There is one object for each connection; it lives as long as the connection. Only the relay's
/// thread calls it, so it needs no lock. It must not wait: to delay bytes it sets their `due_ns`.
class ByteFault {
 public:
  virtual ~ByteFault() = default;

  /// Called once, before any Pass().
  virtual void Open(std::int64_t /*now_ns*/, Outlet& /*out*/) {}

  /// Called with each piece that the socket, or the fault before this one, has for `direction`.
  /// Emits to `out` what passes; what it does not emit is dropped.
  virtual void Pass(Direction direction, Piece piece, Outlet& out) = 0;

  /// False when nothing must be read from this direction's source any more. Its writer then blocks
  /// as soon as the socket buffers are full.
  virtual bool Reads(Direction /*direction*/) const { return true; }
};

using ByteFaults = std::vector<std::unique_ptr<ByteFault>>;

/// Makes the fault for connection `number` (1: the first of this fake). Null when the fault does
/// not happen in this connection.
using MakeByteFault = std::function<std::unique_ptr<ByteFault>(std::uint32_t number)>;

}  // namespace zlayer::fakes::daemon
