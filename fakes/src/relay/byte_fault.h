// One fault of a byte stream, for one connection.
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

namespace zlayer::fakes {

/// Up: from the client to the daemon.
enum class Direction { up, down };

/// Some bytes of one direction, and what becomes of the stream behind them.
struct Piece {
  enum class Then {
    go_on,
    end,    ///< nothing more comes in this direction: half close
    close,  ///< both directions end; bytes that wait to be sent are dropped
    reset,  ///< the same, and the client gets a TCP reset
  };

  std::string bytes = {};
  /// Not before this time (monotonic ns). Pieces of one direction leave in the order of their
  /// times, and those of the same time in the order in which they came.
  std::int64_t due_ns = 0;
  Then then = Then::go_on;
  /// Called when the first byte is about to leave for good; empty: nobody wants to know.
  std::function<void()> leaves = {};
};

/// What a fault passes on, to the next one in that direction.
class Outlet {
 public:
  virtual void Emit(Direction direction, Piece piece) = 0;

 protected:
  ~Outlet() = default;
};

/// Lives as long as its connection. One thread calls.
class ByteFault {
 public:
  virtual ~ByteFault() = default;

  /// The connection is there, and nothing has come yet.
  virtual void Open(std::int64_t /*now_ns*/, Outlet& /*out*/) {}

  /// Takes what the stream, or the fault before it, has for `direction`.
  virtual void Pass(Direction direction, Piece piece, Outlet& out) = 0;

  /// False: nothing is read from this direction's source any more, so that its writer is blocked
  /// in the end.
  virtual bool Reads(Direction /*direction*/) const { return true; }
};

using ByteFaults = std::vector<std::unique_ptr<ByteFault>>;

/// The fault for connection `number` (1: the first of this fake); null where this connection has
/// none.
using MakeByteFault = std::function<std::unique_ptr<ByteFault>(std::uint32_t number)>;

}  // namespace zlayer::fakes
