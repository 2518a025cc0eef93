#include "fakes/src/http2/honest_http2_stage.h"

#include <utility>

#include "fakes/src/http2/honest_http2.h"

namespace zlayer::fakes::daemon {
namespace {

class HonestHttp2Stage final : public ByteFault {
 public:
  void Pass(Direction direction, Piece piece, Outlet& out) override {
    direction == Direction::up ? PassUp(std::move(piece), out) : PassDown(std::move(piece), out);
  }

 private:
  void PassUp(Piece piece, Outlet& out) {
    const size_t admitted = http2_.Admit(piece.bytes);
    if (admitted == piece.bytes.size()) return out.Emit(Direction::up, std::move(piece));
    const std::int64_t due_ns = piece.due_ns;
    if (std::exchange(broken_, true)) return;
    out.Emit(Direction::down,
             {.bytes = http2_.Farewell(), .due_ns = due_ns, .then = Piece::Then::close});
  }

  void PassDown(Piece piece, Outlet& out) {
    if (!http2_.announced()) Announce(piece);
    http2_.Follow(piece.bytes);
    out.Emit(Direction::down, std::move(piece));
  }

  /// Keeps an incomplete first frame back, unless the stream ends with it.
  void Announce(Piece& piece) {
    begun_ += std::exchange(piece.bytes, {});
    const size_t size = http2_.Announce(begun_.data(), begun_.size());
    if (!http2_.announced() && piece.then == Piece::Then::go_on) return;
    if (http2_.announced()) begun_.resize(size);
    piece.bytes = std::exchange(begun_, {});
  }

  HonestHttp2 http2_;
  std::string begun_;  // bytes of the server's first frame, while it is incomplete
  bool broken_ = false;
};

}  // namespace

std::unique_ptr<ByteFault> NewHonestHttp2Stage() { return std::make_unique<HonestHttp2Stage>(); }

}  // namespace zlayer::fakes::daemon
