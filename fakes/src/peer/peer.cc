#include "fakes/src/peer/peer.h"

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

}  // namespace

void Peer::Add(v1::Phase phase, const Work& work) {
  if (phase == v1::SERVING) {
    beside.push_back(work);
    return;
  }
  at_phase[phase].push_back([work](Start& start) { work(start, StartWaiter(start.signals)); });
}

void Append(const Peer& from, Peer& to) {
  // Names every member, in order: without a line for a new member, this does not compile.
  const auto& [print_version, at_phase, beside, at_disarm, stop, print_line, ignores_signal,
               stops_accepting, tls_changes, clock_offset_secs, connections, build_changes] = from;
  Take(print_version, to.print_version);
  for (size_t phase = 0; phase < at_phase.size(); ++phase) {
    AppendAll(at_phase[phase], to.at_phase[phase]);
  }
  AppendAll(beside, to.beside);
  AppendAll(at_disarm, to.at_disarm);
  Take(stop, to.stop);
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
