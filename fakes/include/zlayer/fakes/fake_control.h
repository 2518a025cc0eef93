// Changes the faults of a fake that runs.
//
//   auto control = directory->Control();
//   auto slow = control.Arm("latency { latency_ms: 200 }");
//   if (!slow) return Fail(slow.error().message);
//   auto shown = control.Ask("show {}");
//   if (!shown) return Fail(shown.error().message);
//   std::cout << *shown;
//
// proto/control.proto lists the requests and says from when on they hold.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "zlayer/fakes/error.h"

namespace zlayer::fakes {

/// The control socket of a fake. Holds no descriptor between two calls. Any thread may call.
/// Errors: options_invalid says why a request is refused, or that no fake listens; nothing has
/// changed then.
class FakeControl {
 public:
  /// `program` is a fake that sends the requests, `socket` the path that ZLAYER_FAKE_CONTROL names.
  FakeControl(std::string program, std::string socket)
      : program_(std::move(program)), socket_(std::move(socket)) {}

  /// Arms a Fault of fault_plan.proto, protobuf text or JSON. Returns its index.
  [[nodiscard]] Result<unsigned> Arm(std::string_view fault) const;
  [[nodiscard]] Result<void> Disarm(unsigned index) const;
  [[nodiscard]] Result<void> DisarmAll() const;
  /// Sends a ControlRequest, protobuf text or JSON, other than `follow`. Returns the reply: a line
  /// of JSON with its newline.
  [[nodiscard]] Result<std::string> Ask(const std::string& request) const;

 private:
  std::string program_;
  std::string socket_;
};

}  // namespace zlayer::fakes
