// Fault `rpc`: the client gets another answer than the service's, gets it late, or gets none.
//
// The faults of this folder, grpc/, change the answers to RPCs. Most are RpcFaults
// (http2/rpc_fault.h), which edit the header blocks and messages of chosen RPCs on their way to the
// client; the service knows nothing of it.

#include <set>
#include <utility>
#include <vector>

#include "fakes/src/faults/grpc/method.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/http2/rpc_fault.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::Rpc;

constexpr std::uint32_t kGreatestCode = 16;
constexpr size_t kMostPings = 64;  // whose answers are kept; the service sends a few

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true}; }

/// True when grpc-message can carry `text` as it is. gRPC percent-encodes all other characters.
bool NeedsNoEscape(const std::string& text) {
  for (const char byte : text) {
    if (byte < ' ' || byte > '~' || byte == '%') return false;
  }
  return true;
}

Mistake Check(const v1::Fault& fault) {
  const Rpc& rpc = fault.rpc();
  if (rpc.code() > kGreatestCode) return {"code", "must be a gRPC status, 1 to 16"};
  if (rpc.code() == 0 && !rpc.message().empty()) return {"message", "only a code has a message"};
  if (!NeedsNoEscape(rpc.message())) return {"message", "must be printable ASCII without '%'"};
  if (rpc.never_answered() && (rpc.code() != 0 || rpc.delay_ms() != 0)) {
    return {"never_answered", "cannot be set together with code or delay_ms"};
  }
  if (!rpc.never_answered() && rpc.code() == 0 && rpc.delay_ms() == 0) {
    return {"code", "none of code, delay_ms and never_answered is set"};
  }
  return MethodMistake(rpc.method());
}

class OtherAnswer : public RpcFault {
 public:
  OtherAnswer(Rpc rpc, const TriggerPtr& trigger, std::shared_ptr<Activity> activity)
      : RpcFault(trigger, rpc.method()), rpc_(std::move(rpc)), activity_(std::move(activity)) {}

  ~OtherAnswer() override {
    for (size_t left = stuck_.size(); left > 0; --left) activity_->RpcEnded(RpcKind::other);
  }

  bool MayLeave() const override { return RpcFault::MayLeave() && stuck_.empty(); }

 protected:
  /// An RPC without an answer is open for the daemon, too: its drain waits.
  void Chosen(std::uint32_t stream) override {
    if (rpc_.never_answered() && stuck_.insert(stream).second)
      activity_->RpcStarted(RpcKind::other);
  }

  bool PassesUp(Frame& frame, FrameOutlet& out) override {
    if (frame.type == NGHTTP2_RST_STREAM && stuck_.erase(frame.stream) > 0) {
      activity_->RpcEnded(RpcKind::other);
      if (stuck_.empty()) PassAnswersToPings(out);
    }
    if (stuck_.empty() || frame.type != NGHTTP2_PING || !frame.Has(NGHTTP2_FLAG_ACK)) return true;
    if (answers_to_pings_.size() < kMostPings) answers_to_pings_.push_back(std::move(frame));
    return false;
  }

  void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
    if (block.is_first) Fire();
    block.due_ns += Delay();
    if (rpc_.code() == 0) {
      if (!rpc_.never_answered()) Emit(block, out);
      return;
    }
    if (!block.is_first) return;
    const bool goes_on = !block.ends_stream;
    block.ends_stream = true;
    block.headers = {{":status", "200"},
                     {"content-type", "application/grpc"},
                     {"grpc-status", std::to_string(rpc_.code())},
                     {"grpc-message", rpc_.message()}};
    Emit(block, out);
    if (goes_on) Cancel(block.stream, out);
  }

  void ChangeData(Frame frame, FrameOutlet& out) override {
    if (rpc_.never_answered() || rpc_.code() != 0) {
      if (frame.payload.empty()) return;
      // The client never gets these bytes and so never returns them to the connection's
      // flow-control window. Return them in its place, or the service stops sending.
      out.Emit(Direction::up,
               {.type = NGHTTP2_WINDOW_UPDATE, .payload = BigEndian(frame.payload.size(), 4)});
      return;
    }
    frame.due_ns += Delay();
    out.Emit(Direction::down, std::move(frame));
  }

 private:
  std::int64_t Delay() const { return std::int64_t{rpc_.delay_ms()} * 1'000'000; }

  /// Resets the RPC towards the service, whose answer nobody waits for any more.
  static void Cancel(std::uint32_t stream, FrameOutlet& out) {
    out.Emit(
        Direction::up,
        {.type = NGHTTP2_RST_STREAM, .stream = stream, .payload = BigEndian(NGHTTP2_CANCEL, 4)});
  }

  void PassAnswersToPings(FrameOutlet& out) {
    for (Frame& answer : std::exchange(answers_to_pings_, {})) {
      out.Emit(Direction::up, std::move(answer));
    }
  }

  const Rpc rpc_;
  const std::shared_ptr<Activity> activity_;
  std::set<std::uint32_t> stuck_;  // the streams of RPCs that are never answered and still open
  // The service has answered them. While it drains, it closes the connection as soon as the client
  // has answered its PING, so these wait.
  std::vector<Frame> answers_to_pings_;
};

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.connections.http2.push_back(
      OnEveryConnection([rpc = fault.rpc(), trigger, activity = peer.activity] {
        return std::make_unique<OtherAnswer>(rpc, trigger, activity);
      }));
}

}  // namespace

const FaultKind kRpcFault = {"rpc", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
