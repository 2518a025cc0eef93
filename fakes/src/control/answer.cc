#include "fakes/src/control/answer.h"

#include "fakes/src/control/parse_request.h"
#include "zlayer/proto/journal.pb.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::ControlReply;
using v1::ControlRequest;

constexpr size_t kJournaled = 4'096;  // bytes of a request

void Describe(const ArmedFault& armed, v1::FaultState* state) {
  state->set_index(armed.index);
  state->set_kind(std::string(FindFaultKind(armed.fault)->name));
  state->set_times_fired(armed.times_fired);
}

void Describe(const std::vector<ArmedFault>& faults, v1::FaultStates* states) {
  for (const ArmedFault& fault : faults) Describe(fault, states->add_fault());
}

ControlReply ErrorReply(const std::string& message) {
  ControlReply reply;
  reply.set_error(message);
  return reply;
}

/// `line` as it can stand in a string of protobuf, which must be UTF-8.
std::string ForJournal(std::string_view line) {
  std::string text(line.substr(0, kJournaled));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

bool IsChosen(const v1::Disarm& wanted, const ArmedFault& armed) {
  switch (wanted.which_case()) {
    case v1::Disarm::kKind:
      return FindFaultKind(armed.fault)->name == wanted.kind();
    case v1::Disarm::kIndex:
      return armed.index == wanted.index();
    default:
      return true;
  }
}

std::string NoneArmed(const v1::Disarm& wanted) {
  if (wanted.which_case() == v1::Disarm::kKind) {
    return "request: disarm.kind: no fault " + wanted.kind() + " is armed";
  }
  return "request: disarm.index: no fault " + std::to_string(wanted.index()) + " is armed";
}

}  // namespace

void Answers::SetRelease(Release release) {
  const std::lock_guard lock(mutex_);
  release_ = std::move(release);
}

ControlReply Answers::Show() const {
  ControlReply reply;
  *reply.mutable_shown()->mutable_plan() = armed_.Now()->plan;
  for (const ArmedFault& fault : armed_.Armed()) {
    Describe(fault, reply.mutable_shown()->add_fault());
  }
  return reply;
}

Result<ControlReply> Answers::Replace(const v1::FaultPlan& wanted) {
  v1::FaultPlan plan = armed_.Now()->plan;
  plan.set_why(wanted.why());
  *plan.mutable_fault() = wanted.fault();
  *plan.mutable_build() = wanted.build();
  if (wanted.seed() != 0) plan.set_seed(wanted.seed());
  if (auto replaced = armed_.Replace(plan); !replaced) {
    return BadInput("request: replace." + replaced.error().message);
  }
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_plan()->set_source("control");
    *entry.mutable_plan()->mutable_plan() = plan;
  });
  ControlReply reply;
  Describe(armed_.Armed(), reply.mutable_replaced());
  return reply;
}

Result<ControlReply> Answers::Arm(const v1::Fault& fault) {
  const auto armed = armed_.Arm(fault);
  if (!armed) return BadInput("request: arm." + armed.error().message);
  ControlReply reply;
  Describe(*armed, reply.mutable_armed());
  return reply;
}

Result<ControlReply> Answers::Disarm(const v1::Disarm& wanted) {
  const auto disarmed =
      armed_.Disarm([&](const ArmedFault& fault) { return IsChosen(wanted, fault); });
  if (!disarmed) return BadInput("request: disarm: " + disarmed.error().message);
  if (disarmed->empty() && !wanted.all()) return BadInput(NoneArmed(wanted));
  ControlReply reply;
  Describe(*disarmed, reply.mutable_disarmed());
  return reply;
}

Answer Answers::CarryOut(const ControlRequest& request) {
  const auto reply = [&]() -> Result<ControlReply> {
    ControlReply simple;
    switch (request.request_case()) {
      case ControlRequest::kReplace:
        return Replace(request.replace());
      case ControlRequest::kArm:
        return Arm(request.arm());
      case ControlRequest::kDisarm:
        return Disarm(request.disarm());
      case ControlRequest::kRelease: {
        const std::lock_guard lock(mutex_);
        const std::uint32_t builds = release_ ? release_(request.release().request_id()) : 0;
        simple.mutable_released()->set_builds(builds);
        return simple;
      }
      case ControlRequest::kFollow:
        simple.mutable_following();
        return simple;
      case ControlRequest::kQuit:
        *simple.mutable_quitting() = request.quit();
        return simple;
      default:
        return Show();
    }
  }();
  if (!reply) return {ErrorReply(reply.error().message)};
  Answer answer{*reply};
  if (request.has_follow()) answer.afterwards = Afterwards::follow;
  if (request.has_quit()) answer.afterwards = Afterwards::quit;
  return answer;
}

Answer Answers::To(std::string_view line) {
  const auto request = ParseRequest(line, armed_.Now()->plan);
  Answer answer = request ? CarryOut(*request) : Answer{ErrorReply(request.error().message)};
  journal_.Write([&](v1::JournalEntry& entry) {
    entry.mutable_control()->set_request(ForJournal(line));
    entry.mutable_control()->set_error(answer.reply.error());
  });
  return answer;
}

}  // namespace zlayer::fakes::daemon
