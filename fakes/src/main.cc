// fake-zlayer-buildd: a zlayer-buildd that misbehaves on command.
//
// Parses the flags, then either prints what a command asks for (cli/) or becomes the daemon
// (daemon/launch.h).

#include <google/protobuf/stubs/logging.h>
#include <unistd.h>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/cli/commands.h"
#include "fakes/src/daemon/launch.h"
#include "fakes/src/process/leave.h"
#include "fakes/src/process/lifetime.h"
#include "fakes/src/process/runtime_signals.h"
#include "fakes/src/process/signals.h"

namespace {

using namespace zlayer::fakes::daemon;

/// Reports the failure on stderr, as the daemon does: a failed start as a JSON log line, bad input
/// as a plain line. A failure that names its step has the JSON line in both cases. Returns the exit
/// status.
int Fail(const Failure& failure) {
  const bool is_bad_input = failure.exit_code == kExitBadInput;
  if (failure.step.empty() && !is_bad_input) {
    Log().Error(failure.message);
  } else if (!failure.step.empty()) {
    std::vector<LogField> fields = failure.fields;
    if (!is_bad_input) fields.push_back({"error", failure.message});
    Log().Error(failure.step, fields);
  }
  if (is_bad_input) WriteAll(STDERR_FILENO, "fake-zlayer-buildd: " + failure.message + "\n");
  return failure.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
  ResetInheritedSignals();
  InstallRuntimeSignals();
  // Clients read stderr as the daemon's log. Without this, libprotobuf would write a warning there
  // when a plan has text that is not UTF-8.
  google::protobuf::SetLogHandler(nullptr);
  const Result<Options> options = ParseOptions(argc, argv);
  if (!options) Fail(options.error());
  if (!options || options->help) {
    WriteAll(STDERR_FILENO, Usage());
    return options ? kExitOk : kExitBadInput;
  }
  Journal journal;
  if (options->version) {
    const Result<void> honest = PlayVersionFault(options->daemon, argv, journal);
    if (!honest) return Fail(honest.error());
  }
  const Result<std::optional<std::string>> output = RunCommand(*options);
  if (!output) return Fail(output.error());
  if (*output) {
    WriteAll(STDOUT_FILENO, **output);
    return kExitOk;
  }
  const Failure failure = Launch(options->daemon, argc, argv, journal);
  Fail(failure);
  Leave(journal, failure.exit_code, failure.message);
}
