#include "fakes/src/service/build_script.h"

#include <google/protobuf/unknown_field_set.h>

#include "fakes/src/service/image_store.h"

namespace zlayer::fakes::daemon {
namespace {

using buildah_sidecar::v1::BuildEvent;

BuildEvent& AddEvent(BuildScript& script) {
  return *script.steps.emplace_back().step.mutable_event();
}

void AddInstruction(BuildScript& script, unsigned index, const std::string& text) {
  auto* started = AddEvent(script).mutable_instruction_started();
  started->set_index(index);
  started->set_instruction(text);
  if (text.starts_with("RUN ")) AddEvent(script).mutable_log()->set_line("hello from the build");
  AddEvent(script).mutable_instruction_finished()->set_index(index);
}

/// Turns a step with `raw` or `log_bytes` into a step with an event. Keeps raw bytes as unknown
/// fields of the event, so that they are sent unchanged.
v1::BuildStep WithEvent(v1::BuildStep step) {
  if (step.has_raw()) {
    BuildEvent event;
    event.GetReflection()->MutableUnknownFields(&event)->ParseFromString(step.raw());
    *step.mutable_event() = std::move(event);
  } else if (step.has_log_bytes()) {
    const size_t size = step.log_bytes();
    step.mutable_event()->mutable_log()->set_line(std::string(size, 'x'));
  }
  return step;
}

}  // namespace

BuildScript ScriptOf(const v1::FaultPlan& plan, const buildah_sidecar::v1::BuildRequest& request) {
  BuildScript script;
  for (const v1::BuildStep& step : plan.build()) script.steps.push_back({WithEvent(step), nullptr});
  if (!script.steps.empty()) return script;
  auto* stage = AddEvent(script).mutable_stage_started();
  stage->set_name("0");
  stage->set_base_image("docker.io/library/alpine:latest");
  AddInstruction(script, 0, "FROM alpine");
  AddInstruction(script, 1, "RUN echo hello from the build");
  AddEvent(script).mutable_stage_finished();
  auto* finished = AddEvent(script).mutable_finished();
  finished->set_image_id(DigestOf(request.SerializeAsString()));
  return script;
}

BuildScript ErrorScript(const std::string& kind, const std::string& message) {
  BuildScript script;
  auto* error = AddEvent(script).mutable_error();
  error->set_kind(kind);
  error->set_message(message);
  return script;
}

}  // namespace zlayer::fakes::daemon
