#include "fakes/src/peer/peer.h"

#include <poll.h>
#include <sys/eventfd.h>

#include "fakes/src/base/monotonic.h"

namespace zlayer::fakes::daemon {
namespace {

template <typename T>
void AppendAll(const std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), from.begin(), from.end());
}

/// For hooks and triggers, which are empty or null when no fault has set them.
template <typename T>
void Take(const T& from, T& to) {
  if (from) to = from;
}

/// Waits until the `after_...` conditions of `trigger` hold. False when the work must stop.
bool AwaitBegin(const Trigger& trigger, const Waiter& wait) {
  const std::shared_ptr<const UniqueFd> changed = trigger.Watch();
  for (;;) {
    const std::int64_t begins = trigger.Begins().value_or(kNoDeadline);
    if (begins <= MonotonicNs()) return true;
    const Woke woke = wait(changed->get(), POLLIN, begins);
    if (woke == Woke::stop) return false;
    eventfd_t happenings = 0;
    if (woke == Woke::ready) eventfd_read(changed->get(), &happenings);
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

void Append(const Peer& from, Peer& to) {
  // Names every member, in order: without a line for a new member, this does not compile.
  const auto& [happenings, activity, without_launcher, print_version, at_phase, beside, at_disarm,
               stop, storage_error, before_listen, print_line, ignores_signal, stops_accepting,
               tls_changes, clock_offset_secs, connections, build_changes] = from;
  Take(print_version, to.print_version);
  for (size_t phase = 0; phase < at_phase.size(); ++phase) {
    AppendAll(at_phase[phase], to.at_phase[phase]);
  }
  AppendAll(beside, to.beside);
  AppendAll(at_disarm, to.at_disarm);
  Take(stop, to.stop);
  Take(storage_error, to.storage_error);
  Take(before_listen, to.before_listen);
  Take(print_line, to.print_line);
  Take(ignores_signal, to.ignores_signal);
  Take(stops_accepting, to.stops_accepting);
  AppendAll(tls_changes, to.tls_changes);
  Take(clock_offset_secs, to.clock_offset_secs);
  AppendAll(connections.network, to.connections.network);
  AppendAll(connections.http2, to.connections.http2);
  AppendAll(build_changes, to.build_changes);
}

}  // namespace zlayer::fakes::daemon
