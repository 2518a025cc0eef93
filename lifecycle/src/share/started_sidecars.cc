#include "lifecycle/src/share/started_sidecars.h"

#include <algorithm>
#include <iterator>

#include "lifecycle/src/base/make_error.h"

namespace zlayer::sidecar {

void StartedSidecars::Add(const std::shared_ptr<Sidecar>& sidecar) {
  const std::lock_guard lock(mutex_);
  std::erase_if(started_, [](const Started& one) {
    return one.sidecar.expired() && (!one.process || one.process->End());
  });
  started_.push_back({sidecar, sidecar->parts().process, ++added_});
}

std::vector<StartedSidecars::Started> StartedSidecars::Released() const {
  const std::lock_guard lock(mutex_);
  std::vector<Started> released;
  std::copy_if(started_.begin(), started_.end(), std::back_inserter(released),
               [](const Started& one) { return one.sidecar.expired(); });
  return released;
}

Result<std::optional<StopReport>> StartedSidecars::WaitForEnd(Deadline deadline) {
  const std::vector<Started> released = Released();
  const auto still_runs = [deadline](const Started& one) {
    return one.process && !one.process->WaitForEndUntil(deadline);
  };
  const auto running = std::count_if(released.begin(), released.end(), still_runs);
  if (running > 0) {
    return Fail(ErrorKind::cancelled, "{} of the sidecars had not ended by the deadline", running);
  }
  std::optional<StopReport> newest;
  const std::lock_guard lock(mutex_);
  for (const Started& one : released) {
    const auto is_it = [&one](const Started& other) { return other.number == one.number; };
    if (std::erase_if(started_, is_it) == 0) continue;  // another call reports it
    newest = one.process ? one.process->End().value_or(StopReport{}) : StopReport{};
  }
  return newest;
}

}  // namespace zlayer::sidecar
