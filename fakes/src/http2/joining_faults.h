// Lets faults whose occasions are RPCs join a connection that is open, and leave it.
//
// A fault that edits header blocks must know HPACK's dynamic table, which the connection has built
// up since it began. Here every block is encoded again without that table (stateless_headers.h), in
// both directions, before the faults see it. So a fault may begin at any RPC.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "fakes/src/http2/frame_fault.h"
#include "fakes/src/http2/stateless_headers.h"

namespace zlayer::fakes::daemon {

/// The faults between TLS and gRPC that are armed at one moment.
using Http2FaultsPtr = std::shared_ptr<const Http2Faults>;

/// Nearest to the server. Before each RPC it looks which faults are armed: it adds those that were
/// not armed when the connection began, and drops those that are not armed any more as soon as none
/// of their RPCs is open.
class JoiningFaults final : public FrameFault {
 public:
  /// `present` are the faults that the connection has from its beginning. `armed` is called before
  /// each RPC, on the relay's thread.
  JoiningFaults(const Http2Faults& present, std::function<Http2FaultsPtr()> armed);
  ~JoiningFaults() override;

  void Pass(Direction direction, Frame frame, FrameOutlet& out) override;

 private:
  struct Joined {
    Http2FaultPtr from;
    std::unique_ptr<FrameFault> fault;
  };
  class FaultOutlet;
  class EntryOutlet;

  void Update(std::int64_t now_ns, FrameOutlet& out);
  void Join(const Http2FaultPtr& from, std::int64_t now_ns, FrameOutlet& out);
  /// Passes the frame to the fault that is `steps` faults away from where it comes from, or on.
  void PassTo(Direction direction, size_t steps, Frame frame, FrameOutlet& out);

  const Http2Faults present_;
  const std::function<Http2FaultsPtr()> armed_;
  Http2FaultsPtr last_;  // what armed_ returned last
  StatelessHeaders up_{Direction::up};
  StatelessHeaders down_{Direction::down};
  std::vector<Frame> settings_;  // of the client: a fault that joins must know them, too
  std::vector<Joined> joined_;   // the first is nearest to the client
};

}  // namespace zlayer::fakes::daemon
