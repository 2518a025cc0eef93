// The interface of faults that change the HTTP/2 frames of one connection.
//
// This room, http2/, lets faults edit HTTP/2 between TLS and gRPC. gRPC's own HTTP/2 is correct and
// cannot be told to misbehave, so a fault changes its frames on their way. frame.h cuts bytes into
// frames; a FrameFault gets and emits whole frames; rpc_fault.h adds header blocks (hpack.h) and
// counts each RPC as one occasion. AsByteFault() turns a FrameFault into a ByteFault, which a Relay
// runs. joining_faults.h lets faults join a connection that is open. Invariants: only the relay's
// thread calls a fault; a fault that emits every frame unchanged changes no byte but reserved bits.
// Start reading here, then at rpc_fault.h.
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
#include <vector>

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

  /// True when a fault that is not armed any more can be taken out of a connection that is open.
  virtual bool MayLeave() const { return false; }

 protected:
  std::uint32_t connection() const { return connection_; }

 private:
  std::uint32_t connection_ = 0;
};

using MakeFrameFault = std::function<std::unique_ptr<FrameFault>()>;

/// A fault of the plan, as it acts on the frames of connections.
struct Http2Fault {
  MakeFrameFault make;
  /// Chooses the connections. Null: the occasions are RPCs. Such a fault is in every connection and
  /// evaluates its own trigger; it can join a connection that is open (joining_faults.h).
  TriggerPtr connection;
};
using Http2FaultPtr = std::shared_ptr<const Http2Fault>;
using Http2Faults = std::vector<Http2FaultPtr>;

/// For faults whose occasions are RPCs.
Http2FaultPtr OnEveryConnection(MakeFrameFault make);

/// For faults whose occasions are connections: only those for which `trigger` happens get a fault.
Http2FaultPtr OnChosenConnections(TriggerPtr trigger, MakeFrameFault make);

/// The faults of the new connection with this number, in order. Evaluates their triggers.
ByteFaults MakeFrameFaults(const Http2Faults& faults, std::uint32_t number);

/// Runs a FrameFault of the connection with this number as a ByteFault.
std::unique_ptr<ByteFault> AsByteFault(std::unique_ptr<FrameFault> fault, std::uint32_t number);

}  // namespace zlayer::fakes::daemon
