// Ends the process as a plan says: with an exit status or by a signal.

#pragma once

#include <signal.h>

#include <cstdint>

#include "fakes/src/base/stdio_write.h"
#include "fakes/src/faults/registry.h"
#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {

/// Checks the fields `code` and `signal` of a fault. Refuses signals that would not end the
/// process.
inline Mistake EndingMistake(std::uint32_t code, std::uint32_t signal) {
  constexpr std::uint32_t kGreatestCode = 255;
  if (code > kGreatestCode) return {"code", "must be 0 to 255"};
  if (code != 0 && signal != 0) return {"signal", "cannot be set together with code"};
  if (signal >= NSIG) return {"signal", "must be a signal's number, 1 to 64"};
  if (signal == SIGCHLD || signal == SIGURG || signal == SIGWINCH || signal == SIGCONT) {
    return {"signal", "does not end a process"};
  }
  if (signal == SIGSTOP || signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU) {
    return {"signal", "stops a process and does not end it"};
  }
  return {};
}

struct Ending {
  std::uint32_t code = 0;
  std::uint32_t signal = 0;  ///< 0: exits with `code`
};

/// Ends the process. Journals `exiting` with `reason` only for an exit, not for a signal.
[[noreturn]] inline void End(const Ending& ending, Journal& journal, const char* reason) {
  if (ending.signal == 0) Leave(journal, static_cast<int>(ending.code), reason);
  DieBySignal(static_cast<int>(ending.signal));
}

}  // namespace zlayer::fakes::daemon
