#include "scenarios/runner/run/signal_sidecar.h"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "scenarios/runner/judge/verdict.h"
#include "scenarios/runner/process/token_processes.h"

namespace zlayer::scenarios {

pid_t LastSidecar(const Journal& journal) {
  const auto entries = journal.Entries();
  pid_t pid = 0;
  for (const auto& entry : entries ? *entries : std::vector<fakes::v1::JournalEntry>()) {
    if (entry.has_started()) pid = entry.pid();
  }
  return pid;
}

bool SignalSidecar(const World& world, int number) {
  const TokenProcess process = PinByToken(LastSidecar(world.journal()), world.token());
  if (!process.pidfd ||
      syscall(SYS_pidfd_send_signal, process.pidfd.get(), number, nullptr, 0) != 0) {
    return false;
  }
  if (number == SIGKILL) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    poll(&ended, 1, Deadline(kStepLimit).poll_ms());
  }
  return true;
}

}  // namespace zlayer::scenarios
