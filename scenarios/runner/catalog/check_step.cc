#include "scenarios/runner/catalog/check_step.h"

#include <fmt/format.h>

#include <csignal>

#include "scenarios/runner/catalog/placeholders.h"
#include "scenarios/runner/catalog/vocabulary.h"

namespace zlayer::scenarios {
namespace {

bool IsEnsure(const v1::Step& step) { return step.has_ensure() || step.has_parallel_ensure(); }

/// What the steps so far have reached. Later steps depend on it.
struct Reached {
  bool sidecar = false;     // the client holds a sidecar, alive or not
  bool identified = false;  // an ensure has succeeded, so new_sidecar has something to compare with
};

std::string CheckHosts(const v1::Step& step, const std::string& action) {
  for (const std::string& event : {step.kill_host().at(), step.kill_host().stop_at(),
                                   step.kill_host().then(), step.interrupt_host().at()}) {
    if (!event.empty() && !Contains(EventNames(), event)) {
      return fmt::format("{}: unknown event \"{}\"{}", action, event,
                         Suggestion(event, EventNames()));
    }
  }
  if (step.has_kill_host() && step.kill_host().at().empty()) {
    return "kill_host.at: the event at which to kill is missing";
  }
  if (step.has_interrupt_host() && step.interrupt_host().at().empty()) {
    return "interrupt_host.at: the event at which to interrupt is missing";
  }
  if (step.has_parallel_hosts() && step.parallel_hosts().hosts() < 2) {
    return "parallel_hosts.hosts: at least 2 are needed";
  }
  return "";
}

std::string CheckAction(const v1::Step& step, const Reached& reached) {
  const std::string action = ActionName(step);
  if (action.empty()) return "has no action; valid: ensure, parallel_ensure, drop, shutdown, ...";
  if (step.has_parallel_ensure() && step.parallel_ensure().threads() < 2) {
    return "parallel_ensure.threads: at least 2 are needed";
  }
  if (step.has_wait_event() && !Contains(EventNames(), step.wait_event().event())) {
    return fmt::format("wait_event.event: unknown event \"{}\"{}", step.wait_event().event(),
                       Suggestion(step.wait_event().event(), EventNames()));
  }
  if (std::string error = CheckHosts(step, action); !error.empty()) return error;
  if (step.has_kill_sidecar() &&
      (step.kill_sidecar().signal() < 1 || step.kill_sidecar().signal() > SIGRTMAX)) {
    return fmt::format("kill_sidecar.signal: {} is not a signal number",
                       step.kill_sidecar().signal());
  }
  const std::string& cancel_at = step.ensure().cancel_at();
  if (!cancel_at.empty() && !Contains(EventNames(), cancel_at)) {
    return fmt::format("ensure.cancel_at: unknown event \"{}\"{}", cancel_at,
                       Suggestion(cancel_at, EventNames()));
  }
  const bool needs_sidecar = step.has_health() || step.has_build() || step.has_await_lost();
  if (needs_sidecar && !reached.sidecar) {
    return fmt::format("{}: cannot happen; no step before it got a sidecar", action);
  }
  return "";
}

using Texts = google::protobuf::RepeatedPtrField<std::string>;

std::string CheckList(std::string_view field, const Texts& texts) {
  for (int i = 0; i < texts.size(); ++i) {
    const std::string error = CheckPlaceholders(texts[i]);
    if (!error.empty()) return fmt::format("{}[{}]: {}", field, i, error);
  }
  return "";
}

std::string CheckTexts(const v1::Expect& expect) {
  for (std::string error : {CheckList("message", expect.message()),
                            CheckList("message_in_order", expect.message_in_order()),
                            CheckList("stderr", expect.stderr()), CheckList("log", expect.log())}) {
    if (!error.empty()) return error;
  }
  return "";
}

/// Finds an expectation about something that the step's answer does not contain.
std::string CheckMeaning(const v1::Step& step, const Reached& reached) {
  const v1::Expect& expect = step.expect();
  const bool failure = !expect.error().empty();
  const bool can_fail = !step.has_drop() && !step.has_kill_sidecar() && !step.has_kill_host() &&
                        !step.has_interrupt_host() && !step.has_reuse_pid() &&
                        !step.has_wait_event();
  if (failure && !can_fail) return "error: " + ActionName(step) + " has no failure";
  if (failure && !Contains(ErrorNames(), expect.error())) {
    return fmt::format("error: unknown error \"{}\"{}", expect.error(),
                       Suggestion(expect.error(), ErrorNames()));
  }
  if (!failure && expect.message_size() + expect.message_in_order_size() > 0)
    return "message: a success has none; name the error";
  if (!failure && expect.stderr_size() > 0) return "stderr: a success has none; name the error";
  if (expect.log_size() > 0 && (!step.has_build() || step.build().leave_open())) {
    return "log: only a build that is not left open tells";
  }
  const bool ended = failure || step.has_shutdown();
  if (!ended && (expect.has_exit_code() || expect.has_signal())) {
    return "exit_code and signal: only an error or a shutdown tells how the sidecar ended";
  }
  if (expect.has_exit_code() && expect.has_signal()) {
    return "exit_code and signal: a process ends by one of them";
  }
  if (expect.has_retryable() && !failure) return "retryable: only an error tells";
  if (expect.has_escalated() && !step.has_shutdown()) return "escalated: only shutdown tells";
  if (expect.has_new_sidecar() && (failure || !IsEnsure(step) || !reached.identified)) {
    return "new_sidecar: needs a successful ensure, here and before";
  }
  return "";
}

std::string CheckSince(const v1::Step& step) {
  const std::string& since = step.expect().since();
  if (since.empty()) return "";
  if (step.expect().min_ms() == 0 && step.expect().max_ms() == 0) {
    return "since: has no effect without min_ms or max_ms";
  }
  if (since == kSinceCancel) {
    return step.ensure().cancel_at().empty() ? "since: the step has no cancel_at" : "";
  }
  if (Contains(EventNames(), since)) return "";
  return fmt::format("since: unknown event \"{}\"{}", since, Suggestion(since, EventNames()));
}

std::string CheckExpect(const v1::Step& step, const Reached& reached) {
  const v1::Expect& expect = step.expect();
  std::string meaning = CheckMeaning(step, reached);
  if (!meaning.empty()) return meaning;
  if (expect.max_ms() != 0 && expect.max_ms() <= expect.min_ms()) {
    return fmt::format("max_ms: {} is not above min_ms {}", expect.max_ms(), expect.min_ms());
  }
  const std::string since = CheckSince(step);
  return since.empty() ? CheckTexts(expect) : since;
}

}  // namespace

std::string ActionName(const v1::Step& step) {
  const auto* action = v1::Step::descriptor()->FindOneofByName("action");
  const auto* set = v1::Step::GetReflection()->GetOneofFieldDescriptor(step, action);
  return set == nullptr ? "" : set->name();
}

std::string CheckSteps(const v1::Scenario& scenario) {
  if (scenario.step_size() == 0)
    return "step: there is none; a scenario that does nothing proves nothing";
  Reached reached;
  for (int i = 0; i < scenario.step_size(); ++i) {
    const v1::Step& step = scenario.step(i);
    const std::string action = CheckAction(step, reached);
    if (!action.empty()) return fmt::format("step[{}].{}", i, action);
    const std::string expect = CheckExpect(step, reached);
    if (!expect.empty()) return fmt::format("step[{}].expect.{}", i, expect);
    if (IsEnsure(step)) {
      reached.sidecar = step.expect().error().empty();
      reached.identified |= reached.sidecar;
    }
    if (step.has_drop() || step.has_shutdown()) reached.sidecar = false;
  }
  return "";
}

}  // namespace zlayer::scenarios
