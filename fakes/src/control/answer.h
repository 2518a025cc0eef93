// Carries out the requests of the control socket.
//
// This room, control/, changes faults while the daemon runs (proto/control.proto). ControlServer
// (control_server.h) is a thread that reads lines from clients and writes replies; it never waits
// for one client. Answers (here) carries out one request: it parses the line (parse_request.h),
// changes the ArmedFaults, and journals the request. control_socket.h opens the socket,
// control_client.h is the other side, for `--control`. Invariant: a request that is refused has
// changed nothing. Start reading at Answers::To().

#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "fakes/src/base/journal.h"
#include "fakes/src/faults/armed_faults.h"
#include "zlayer/proto/control.pb.h"

namespace zlayer::fakes::daemon {

/// What the server does besides sending the reply.
enum class Afterwards { nothing, follow, quit };

struct Answer {
  v1::ControlReply reply;
  Afterwards afterwards = Afterwards::nothing;
};

/// Thread-safety: one thread calls To(); SetRelease() may be called from another.
class Answers {
 public:
  /// Lets the builds go on that stand at a `hold`; "" means all. Returns how many did.
  using Release = std::function<std::uint32_t(const std::string& request_id)>;

  Answers(ArmedFaults& armed, Journal& journal) : armed_(armed), journal_(journal) {}

  /// Until then a request for a release finds no build.
  void SetRelease(Release release);

  /// Carries out one line, without its newline, and journals it.
  Answer To(std::string_view line);

 private:
  Answer CarryOut(const v1::ControlRequest& request);
  Result<v1::ControlReply> Replace(const v1::FaultPlan& wanted);
  Result<v1::ControlReply> Arm(const v1::Fault& fault);
  Result<v1::ControlReply> Disarm(const v1::Disarm& wanted);
  v1::ControlReply Show() const;

  ArmedFaults& armed_;
  Journal& journal_;
  std::mutex mutex_;  // guards release_
  Release release_;
};

}  // namespace zlayer::fakes::daemon
