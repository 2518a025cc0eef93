#include "fakes/src/peer/peer.h"

namespace zlayer::fakes::daemon {

void Peer::Add(v1::Phase phase, const Work& work) {
  if (phase == v1::SERVING) {
    beside.push_back(work);
    return;
  }
  at_phase[phase].push_back([work](Start& start) { work(start, StartWaiter(start.signals)); });
}

}  // namespace zlayer::fakes::daemon
