#include "scenarios/runner/clients/adapter_values.h"

#include <google/protobuf/util/json_util.h>

#include "scenarios/runner/report/utf8.h"

namespace zlayer::scenarios {

std::string ToLine(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string line;
  // Printing fails only for messages with Any, Timestamp or Duration; ours have none.
  (void)google::protobuf::util::MessageToJsonString(message, &line, options);
  return line;
}

tl::expected<void, std::string> FromLine(std::string_view line,
                                         google::protobuf::Message* message) {
  const auto status = google::protobuf::util::JsonStringToMessage(
      {line.data(), line.size()}, message, google::protobuf::util::JsonParseOptions());
  if (status.ok()) return {};
  const std::string reason(status.message());
  return tl::unexpected(reason.substr(0, reason.find('\n')));  // the next line repeats the input
}

v1::Seen ToSeen(const Observation& observation) {
  v1::Seen seen;
  seen.set_error(ValidUtf8(observation.error));
  seen.set_message(ValidUtf8(observation.message));
  if (observation.exit_code) seen.set_exit_code(*observation.exit_code);
  if (observation.signal) seen.set_signal(*observation.signal);
  if (observation.escalated) seen.set_escalated(*observation.escalated);
  if (observation.retryable) seen.set_retryable(*observation.retryable);
  seen.set_stderr_tail(ValidUtf8(observation.stderr_tail));
  seen.set_sidecar(ValidUtf8(observation.sidecar));
  seen.set_log(ValidUtf8(observation.log));
  return seen;
}

Observation FromSeen(const v1::Seen& seen) {
  Observation observation;
  observation.error = seen.error();
  observation.message = seen.message();
  if (seen.has_exit_code()) observation.exit_code = seen.exit_code();
  if (seen.has_signal()) observation.signal = seen.signal();
  if (seen.has_escalated()) observation.escalated = seen.escalated();
  if (seen.has_retryable()) observation.retryable = seen.retryable();
  observation.stderr_tail = seen.stderr_tail();
  observation.sidecar = seen.sidecar();
  observation.log = seen.log();
  return observation;
}

}  // namespace zlayer::scenarios
