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
  started_.push_back({sidecar, sidecar->parts().process});
}

std::vector<StartedSidecars::Started> StartedSidecars::TakeReleased() {
  const std::lock_guard lock(mutex_);
  const auto held = std::stable_partition(
      started_.begin(), started_.end(), [](const Started& one) { return !one.sidecar.expired(); });
  std::vector<Started> released(std::make_move_iterator(held),
                                std::make_move_iterator(started_.end()));
  started_.erase(held, started_.end());
  return released;
}

Result<std::optional<StopReport>> StartedSidecars::WaitForEnd(Deadline deadline) {
  std::vector<Started> running;
  std::optional<StopReport> last;
  for (Started& one : TakeReleased()) {
    const auto end = one.process ? one.process->WaitForEndUntil(deadline) : StopReport{};
    if (end) {
      last = end;
    } else {
      running.push_back(std::move(one));
    }
  }
  if (running.empty()) return last;
  const size_t count = running.size();
  const std::lock_guard lock(mutex_);
  started_.insert(started_.begin(), std::make_move_iterator(running.begin()),
                  std::make_move_iterator(running.end()));
  return Fail(ErrorKind::cancelled, "{} of the sidecars had not ended by the deadline", count);
}

}  // namespace zlayer::sidecar
