// The interface of faults that change the HTTP/2 frames of one connection.
//
// This room, http2/, lets faults edit HTTP/2 between TLS and gRPC. gRPC's own HTTP/2 is correct and
// cannot be told to misbehave, so a fault changes its frames on their way. frame.h cuts bytes into
// frames; a FrameFault gets and emits whole frames; rpc_fault.h adds header blocks (hpack.h) and
// counts each RPC as one occasion. OnEveryConnection() and OnChosenConnections() turn a FrameFault
// into a ByteFault, which a Relay runs. Invariants: only the relay's thread calls a fault; a fault
// that emits every frame unchanged changes no byte but reserved bits. Start reading here, then at
// rpc_fault.h.
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

namespace zlayer::fakes::daemon {

/// Where a FrameFault emits frames.
class FrameOutlet {
 public:
  virtual void Emit(Direction direction, Frame frame) = 0;

 protected:
  ~FrameOutlet() = default;
};

/// There is one object for each connection; it lives as long as the connection. Only the relay's
/// thread calls it. It must not wait: to delay a frame it sets `due_ns`.
class FrameFault {
 public:
  virtual ~FrameFault() = default;

  /// Called once, before Open(): the connection's number in this process, from 1.
  void SetConnection(std::uint32_t number) { connection_ = number; }

  /// Called once, before any Pass().
  virtual void Open(std::int64_t /*now_ns*/, FrameOutlet& /*out*/) {}

  /// Called with each complete frame. Emits to `out` what passes; what it does not emit is dropped.
  /// The client's preface is not a frame and always passes.
  virtual void Pass(Direction direction, Frame frame, FrameOutlet& out) = 0;

 protected:
  std::uint32_t connection() const { return connection_; }

 private:
  std::uint32_t connection_ = 0;
};

using MakeFrameFault = std::function<std::unique_ptr<FrameFault>()>;

/// For faults whose occasions are RPCs: every connection gets a fault, which evaluates its own
/// trigger.
MakeByteFault OnEveryConnection(MakeFrameFault make);

/// For faults whose occasions are connections: only those for which `trigger` happens get a fault.
MakeByteFault OnChosenConnections(TriggerPtr trigger, MakeFrameFault make);

}  // namespace zlayer::fakes::daemon
