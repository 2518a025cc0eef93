// Fuzzes the requests of the control socket with any lines. Each gets one line of JSON; a request
// that is refused has changed nothing.

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "fakes/src/control/answer.h"
#include "fakes/src/control/parse_request.h"
#include "fakes/src/faults/armed_faults.h"
#include "proto/message_file.h"
#include "tools/fuzzing/must_hold.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr char kShow[] = "{\"show\":{}}";

/// What a daemon has that serves, without a daemon.
class Controlled {
 public:
  Controlled() {
    v1::FaultPlan plan;
    plan.set_seed(1);
    MustHold(armed_.ArmPlan(plan).has_value(), "an empty plan can be armed");
    MustHold(armed_.LoadTls().has_value(), "no fault needs a file");
    armed_.Enter(Stage::serving);
  }

  v1::ControlReply Ask(std::string_view line) {
    v1::ControlReply reply = answers_.To(line).reply;
    const std::string printed = PrintReply(reply);
    MustHold(printed.find_first_of("\r\n") == printed.size() - 1, "a reply is one line");
    MustHold(ParseMessage<v1::ControlReply>("reply", printed).has_value(), "a reply is JSON");
    return reply;
  }

  std::string Shown() { return Ask(kShow).SerializeAsString(); }

 private:
  DaemonFlags flags_;
  Journal journal_;
  ArmedFaults armed_{flags_, 1, journal_};
  Answers answers_{armed_, journal_};
};

void Run(std::string_view requests) {
  Controlled controlled;
  while (!requests.empty()) {
    const std::string_view line = requests.substr(0, requests.find('\n'));
    requests.remove_prefix(std::min(line.size() + 1, requests.size()));
    const std::string before = controlled.Shown();
    const v1::ControlReply reply = controlled.Ask(line);
    MustHold(reply.reply_case() != v1::ControlReply::REPLY_NOT_SET, "a reply says something");
    if (reply.reply_case() != v1::ControlReply::kError) continue;
    MustHold(!reply.error().empty(), "a request that is refused hears why");
    MustHold(controlled.Shown() == before, "a request that is refused has changed nothing");
  }
}

}  // namespace
}  // namespace zlayer::fakes::daemon

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, size_t size) {
  zlayer::fakes::daemon::Run({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
