#include "fakes/src/peer/peer.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

/// Waits until the `after_...` conditions of `trigger` hold. False when the work must stop.
bool AwaitBegin(const Trigger& trigger, const Waiter& wait) {
  const UniqueFd changed = trigger.Watch();
  for (;;) {
    const std::int64_t begins = trigger.Begins().value_or(kNoDeadline);
    if (begins <= MonotonicNs()) return true;
    const Woke woke = wait(changed.get(), POLLIN, begins);
    if (woke == Woke::stop) return false;
    eventfd_t happenings = 0;
    if (woke == Woke::ready) eventfd_read(changed.get(), &happenings);
  }
}

}  // namespace

void Peer::Add(v1::Phase phase, const TriggerPtr& trigger, const Work& work) {
  if (phase == v1::SERVING) {
    beside.push_back([trigger, work](Start& start, const Waiter& wait) {
      if (AwaitBegin(*trigger, wait)) work(start, wait);
    });
    return;
  }
  at_phase[phase].push_back([work](Start& start) { work(start, StartWaiter(start.signals)); });
}

}  // namespace zlayer::fakes::daemon
