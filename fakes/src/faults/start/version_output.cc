// Fault `version_output`: answers `--version` with another text, or never.

#include <unistd.h>

#include "fakes/src/faults/ending.h"
#include "fakes/src/faults/kinds.h"
#include "fakes/src/process/pipe_writer.h"

namespace zlayer::fakes::daemon {
namespace {

Reach ReachOf(const v1::Fault& /*fault*/) { return {.stage = Stage::command, .ends = true}; }

Mistake Check(const v1::Fault& fault) {
  const v1::VersionOutput& output = fault.version_output();
  if (output.hang() && output.code() != 0) return {"code", "cannot be set together with hang"};
  return EndingMistake(output.code(), 0);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.print_version = [output = fault.version_output(), trigger](Start& start) {
    if (!trigger->Happens()) return;
    WriteToPipe(STDOUT_FILENO, output.text(), StartWaiter(start.signals));
    while (output.hang()) start.signals.WaitOrDie(-1, 0, kNoDeadline);
    Leave(start.journal, static_cast<int>(output.code()), "the plan's version_output");
  };
}

}  // namespace

const FaultKind kVersionOutputFault = {"version_output", "version", &ReachOf,
                                       &Check,           nullptr,   &Apply};

}  // namespace zlayer::fakes::daemon
