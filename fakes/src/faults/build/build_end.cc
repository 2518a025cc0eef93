// Fault `build_end`: ends a Build in a way of the deployed daemon that clients overlook, or in one
// that the protocol forbids.
//
// The faults of this folder, build/, change the event stream of a Build. They append to
// Peer::build_changes: a function that edits the BuildScript (service/build_script.h) of each valid
// request before the service streams it.

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

using v1::BuildEnd;

constexpr std::uint32_t kGreatestCode = 16;

Reach ReachOf(const v1::Fault& /*fault*/) { return {.in_http2 = true, .in_service = true}; }

Mistake Check(const v1::Fault& fault) {
  const BuildEnd& end = fault.build_end();
  if (end.how() == BuildEnd::HOW_UNSET) {
    return NotSet("how", BuildEnd::How_descriptor());
  }
  if (end.how() == BuildEnd::STATUS && (end.code() < 1 || end.code() > kGreatestCode)) {
    return {"code", "must be a gRPC status, 1 to 16"};
  }
  if (end.how() != BuildEnd::STATUS && (end.code() != 0 || !end.message().empty())) {
    return {"code", "only STATUS has a code and a message"};
  }
  return {};
}

void EraseEnds(BuildScript& script) {
  std::erase_if(script.steps, [](const auto& step) { return IsEnd(step.step.event()); });
}

/// A second terminal event, of the other kind than the script's own.
buildah_sidecar::v1::BuildEvent OtherEnd(const BuildScript& script) {
  buildah_sidecar::v1::BuildEvent event;
  if (!script.steps.empty() && script.steps.back().step.event().has_finished()) {
    event.mutable_error()->set_kind("exec");
    event.mutable_error()->set_message("cannot remove the working container");
  } else {
    event.mutable_finished()->set_image_id(std::string(64, '0'));
  }
  return event;
}

void Change(const BuildEnd& end, const TriggerPtr& trigger, BuildScript& script) {
  if (!trigger->Take()) return;
  BuildScript::Step last;
  last.first = [trigger] { trigger->Fired(); };
  switch (end.how()) {
    case BuildEnd::GOES_ON:
      last.step.mutable_event()->mutable_stage_started()->set_name("another");
      break;
    case BuildEnd::LOG_AFTER:
      last.step.mutable_event()->mutable_log()->set_line("a line after the end");
      script.steps.push_back(std::move(last));
      last = {};
      last.step.mutable_event()->mutable_warning()->set_message("a warning after the end");
      break;
    case BuildEnd::TWICE:
      *last.step.mutable_event() = OtherEnd(script);
      break;
    case BuildEnd::STATUS:
      script.status = grpc::Status(static_cast<grpc::StatusCode>(end.code()), end.message());
      EraseEnds(script);
      break;
    default:
      EraseEnds(script);
  }
  script.steps.push_back(std::move(last));
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.build_changes.push_back([end = fault.build_end(), trigger](BuildScript& script, Journal&) {
    Change(end, trigger, script);
  });
}

}  // namespace

const FaultKind kBuildEndFault = {"build_end", "build", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
