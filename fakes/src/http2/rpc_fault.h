// The base class of faults that change the answers to RPCs. It shows header blocks as lists.
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
#include "fakes/src/http2/header_blocks.h"

namespace zlayer::fakes::daemon {

/// One occasion is one RPC. When the trigger happens, the RPC is chosen: its answer goes to
/// ChangeHeaders() and ChangeData() until it ends or Release() is called. All other answers pass.
/// Every header block of the server is decoded and encoded again (header_blocks.h). Only the
/// relay's thread calls a fault.
class RpcFault : public FrameFault {
 public:
  /// Only calls of `method`, such as "Build", are occasions; empty: all calls.
  explicit RpcFault(TriggerPtr trigger, std::string method = "")
      : trigger_(std::move(trigger)), method_(std::move(method)) {}

  void Pass(Direction direction, Frame frame, FrameOutlet& out) final;
  bool MayLeave() const override { return chosen_.empty(); }

 protected:
  /// Called with each header block and each DATA frame of a chosen RPC's answer. They emit what
  /// passes.
  virtual void ChangeHeaders(HeaderBlock block, FrameOutlet& out) { Emit(block, out); }
  virtual void ChangeData(Frame frame, FrameOutlet& out) {
    out.Emit(Direction::down, std::move(frame));
  }
  /// Called when an RPC was chosen, before the service gets it.
  virtual void Chosen(std::uint32_t /*stream*/) {}
  /// Called with each frame from the client, which follows what this emits. False drops the frame.
  virtual bool PassesUp(Frame& /*frame*/, FrameOutlet& /*out*/) { return true; }

  /// Journals `fault_fired`.
  void Fire() { trigger_->Fired(); }
  /// Ends the choice: the rest of the RPC's answer passes unchanged.
  void Release(std::uint32_t stream) { chosen_.erase(stream); }
  /// Encodes the block and emits it as HEADERS and, if it is long, CONTINUATION frames.
  void Emit(const HeaderBlock& block, FrameOutlet& out) { blocks_.Emit(block, out); }
  std::string Encode(const Headers& headers) { return blocks_.Encode(headers); }

 private:
  struct Answer {
    bool has_begun = false;
  };

  void PassUp(Frame frame, FrameOutlet& out);
  /// True for the frame from the client that makes an RPC an occasion. Called with every such
  /// frame.
  bool IsOccasion(const Frame& frame);
  void PassDown(Frame frame, FrameOutlet& out);
  void PassBlock(HeaderBlock block, FrameOutlet& out);

  const TriggerPtr trigger_;
  const std::string method_;
  HeaderDecoder request_decoder_;  // used only when method_ is set
  HeaderBlocks blocks_;
  std::uint32_t newest_stream_ = 0;
  std::map<std::uint32_t, Answer> chosen_;
  std::string request_;  // the part of a request's header block that has come
};

}  // namespace zlayer::fakes::daemon
