#include "fakes/src/http2/frame_fault.h"

#include <array>
#include <utility>

namespace zlayer::fakes::daemon {
namespace {

/// Turns the frames that a fault emits into pieces. Frames with the same due time become one piece:
/// one piece for each frame would cost a send(2) each.
class Packer final : public FrameOutlet {
 public:
  explicit Packer(Outlet& out) : out_(out) {}
  ~Packer() {
    Flush(Direction::up);
    Flush(Direction::down);
  }

  void Emit(Direction direction, Frame frame) override {
    Piece& piece = PieceOf(direction);
    if (frame.leaves || piece.due_ns != frame.due_ns) Flush(direction);
    piece.bytes += Pack(frame);
    piece.due_ns = frame.due_ns;
    piece.then = frame.then;
    piece.leaves = std::move(frame.leaves);
    if (piece.leaves || piece.then != Piece::Then::go_on) Flush(direction);
  }

 private:
  Piece& PieceOf(Direction direction) { return pieces_[direction == Direction::up ? 0 : 1]; }

  void Flush(Direction direction) {
    Piece piece = std::exchange(PieceOf(direction), {});
    if (!piece.bytes.empty()) out_.Emit(direction, std::move(piece));
  }

  Outlet& out_;
  std::array<Piece, 2> pieces_;
};

class FrameFaultAdapter final : public ByteFault {
 public:
  FrameFaultAdapter(std::unique_ptr<FrameFault> fault, std::uint32_t connection)
      : fault_(std::move(fault)) {
    fault_->SetConnection(connection);
  }

  void Open(std::int64_t now_ns, Outlet& out) override {
    Packer packer(out);
    fault_->Open(now_ns, packer);
  }

  void Pass(Direction direction, Piece piece, Outlet& out) override {
    FrameReader& reader = readers_[direction == Direction::up ? 0 : 1];
    reader.Append(piece.bytes);
    if (direction == Direction::up && !begun_) Begin(piece.due_ns, out);
    if (direction == Direction::down || begun_) PassFrames(reader, direction, piece, out);
    if (piece.then == Piece::Then::go_on) return;
    piece.bytes = reader.TakeRest();
    out.Emit(direction, std::move(piece));
  }

 private:
  /// Passes the client's preface, once it is complete.
  void Begin(std::int64_t due_ns, Outlet& out) {
    auto preface = readers_[0].TakeBytes(kPreface.size());
    if (!preface) return;
    begun_ = true;
    out.Emit(Direction::up, {.bytes = std::move(*preface), .due_ns = due_ns});
  }

  /// A piece with `leaves` is one frame of another fault, and its frame keeps it.
  void PassFrames(FrameReader& reader, Direction direction, Piece& piece, Outlet& out) {
    Packer packer(out);
    while (auto frame = reader.Next()) {
      frame->due_ns = piece.due_ns;
      frame->leaves = std::exchange(piece.leaves, nullptr);
      fault_->Pass(direction, std::move(*frame), packer);
    }
  }

  const std::unique_ptr<FrameFault> fault_;
  std::array<FrameReader, 2> readers_;
  bool begun_ = false;  // the client's preface has passed
};

}  // namespace

Http2FaultPtr OnEveryConnection(MakeFrameFault make) {
  return std::make_shared<const Http2Fault>(Http2Fault{std::move(make), nullptr});
}

Http2FaultPtr OnChosenConnections(TriggerPtr trigger, MakeFrameFault make) {
  return std::make_shared<const Http2Fault>(Http2Fault{std::move(make), std::move(trigger)});
}

ByteFaults MakeFrameFaults(const Http2Faults& faults, std::uint32_t number) {
  ByteFaults made;
  for (const Http2FaultPtr& fault : faults) {
    if (fault->connection && !fault->connection->Take(number)) continue;
    made.push_back(AsByteFault(fault->make(), number));
  }
  return made;
}

std::unique_ptr<ByteFault> AsByteFault(std::unique_ptr<FrameFault> fault, std::uint32_t number) {
  return std::make_unique<FrameFaultAdapter>(std::move(fault), number);
}

}  // namespace zlayer::fakes::daemon
