// Ends the process at a phase of the start.

#include <signal.h>
#include <unistd.h>

#include "fakes/src/faults/kinds.h"
#include "fakes/src/leave.h"
#include "fakes/src/monotonic.h"
#include "fakes/src/pipe_writer.h"
#include "fakes/src/stdio_write.h"

namespace zlayer::fakes {
namespace {

constexpr std::uint32_t kGreatestCode = 255;

Reach ReachOf(const v1::Fault& fault) {
  return {.stage = StageOf(fault.exit().phase()),
          .ends_start = true,
          .at_once = fault.exit().delay_ms() == 0};
}

Mistake Check(const v1::Fault& fault) {
  const v1::Exit& exit = fault.exit();
  if (exit.code() > kGreatestCode) return {"code", "must be 0 to 255"};
  if (exit.code() != 0 && exit.signal() != 0) return {"signal", "excludes code"};
  if (exit.signal() >= NSIG) return {"signal", "must be a signal's number, 1 to 64"};
  if (exit.signal() == SIGCHLD || exit.signal() == SIGURG || exit.signal() == SIGWINCH ||
      exit.signal() == SIGCONT) {
    return {"signal", "does not end a process"};
  }
  if (exit.signal() == SIGSTOP || exit.signal() == SIGTSTP || exit.signal() == SIGTTIN ||
      exit.signal() == SIGTTOU) {
    return {"signal", "stops a process and does not end it"};
  }
  return {};
}

[[noreturn]] void End(const v1::Exit& exit, Start& start) {
  if (exit.signal() == 0) {
    Leave(start.journal, static_cast<int>(exit.code()), "the plan's exit");
  }
  DieBySignal(static_cast<int>(exit.signal()));
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.at_phase[fault.exit().phase()].push_back([exit = fault.exit(), trigger](Start& start) {
    if (!trigger->Take()) return;
    if (!exit.stderr().empty()) WriteToPipe(STDERR_FILENO, exit.stderr(), start.signals);
    const std::int64_t due = MonotonicNs() + std::int64_t{exit.delay_ms()} * 1'000'000;
    if (exit.delay_ms() > 0) start.signals.WaitOrDie(-1, 0, due);
    trigger->Fired();
    End(exit, start);
  });
}

}  // namespace

const FaultKind kExitFault = {"exit", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes
