// One fault of the answers to RPCs, for one connection: it sees header blocks as lists.
//
//   class Teapot : public RpcFault {
//     void ChangeHeaders(HeaderBlock block, FrameOutlet& out) override {
//       Fire();
//       SetHeader(block.headers, ":status", "418");
//       Emit(std::move(block), out);
//       Release(block.stream);
//     }
//   };

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "fakes/src/base/trigger.h"
#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/http2/hpack.h"

namespace zlayer::fakes {

/// HEADERS with its CONTINUATIONs.
struct HeaderBlock {
  std::uint32_t stream = 0;
  bool ends_stream = false;  ///< trailers, or all there is
  bool is_first = false;     ///< the answer's headers, with :status
  Headers headers;
  std::int64_t due_ns = 0;
};

/// One occasion is one RPC. The rest of an answer that was released, and every other answer,
/// passes.
class RpcFault : public FrameFault {
 public:
  /// `method`: only calls of this name are occasions, such as "Build"; empty: all.
  explicit RpcFault(TriggerPtr trigger, std::string method = "")
      : trigger_(std::move(trigger)), method_(std::move(method)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) final;

 protected:
  /// Take what the service has for a chosen RPC.
  virtual void ChangeHeaders(HeaderBlock block, FrameOutlet& out) { Emit(block, out); }
  virtual void ChangeData(Frame frame, FrameOutlet& out) {
    out.Emit(Direction::down, std::move(frame));
  }
  /// Sees all that comes from the client; false: it does not go to the service.
  virtual bool PassesUp(Frame& /*frame*/) { return true; }

  void Fire() { trigger_->Fired(); }
  /// The chosen RPC's answer goes on as it is.
  void Release(std::uint32_t stream) { chosen_.erase(stream); }
  void Emit(const HeaderBlock& block, FrameOutlet& out);
  std::string Encode(const Headers& headers) { return encoder_.Encode(headers); }

 private:
  struct Answer {
    bool has_begun = false;
  };

  void PassUp(Frame frame, FrameOutlet& out);
  bool IsOccasion(const Frame& frame);
  void PassDown(Frame frame, FrameOutlet& out);
  void EndBlock(FrameOutlet& out);

  const TriggerPtr trigger_;
  const std::string method_;
  HeaderDecoder request_decoder_;  // not used where every method is an occasion
  HeaderDecoder decoder_;
  HeaderEncoder encoder_;
  std::uint32_t newest_stream_ = 0;
  std::map<std::uint32_t, Answer> chosen_;
  Frame block_;          // HEADERS with what came of its block so far
  std::string request_;  // what came of a request's block so far
};

}  // namespace zlayer::fakes
