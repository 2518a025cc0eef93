// One fault of HTTP/2, for one connection: it sees whole frames.
//
//   class Mute : public FrameFault {
//     void Pass(Direction direction, Frame frame, FrameOutlet& out) override {
//       if (frame.type != NGHTTP2_PING) out.Emit(direction, std::move(frame));
//     }
//   };
//   peer.connections.http2.push_back(
//       OnChosenConnections(trigger, [] { return std::make_unique<Mute>(); }));

#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "fakes/src/base/trigger.h"
#include "fakes/src/http2/frame.h"

namespace zlayer::fakes {

class FrameOutlet {
 public:
  virtual void Emit(Direction direction, Frame frame) = 0;

 protected:
  ~FrameOutlet() = default;
};

/// Lives as long as its connection. One thread calls.
class FrameFault {
 public:
  virtual ~FrameFault() = default;

  /// The connection is there, and nothing has come yet.
  virtual void Open(std::int64_t /*now_ns*/, FrameOutlet& /*out*/) {}

  virtual void Pass(Direction direction, Frame frame, FrameOutlet& out) = 0;
};

using MakeFrameFault = std::function<std::unique_ptr<FrameFault>()>;

/// For faults whose occasions are RPCs.
MakeByteFault OnEveryConnection(MakeFrameFault make);

/// For faults whose occasions are connections.
MakeByteFault OnChosenConnections(TriggerPtr trigger, MakeFrameFault make);

}  // namespace zlayer::fakes
