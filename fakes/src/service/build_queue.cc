#include "fakes/src/service/build_queue.h"

#include <algorithm>
#include <vector>

#include "fakes/src/service/build_stream.h"

namespace zlayer::fakes::daemon {

void BuildQueue::Enter(std::shared_ptr<BuildStream> build) {
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(build));
  }
  BeginNext();
}

void BuildQueue::BeginNext() {
  for (;;) {
    std::shared_ptr<BuildStream> next;
    bool registered = false;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.empty() || slots_taken_ == max_concurrent_) return;
      next = waiting_.front();
      waiting_.pop_front();
      ++slots_taken_;
      next->TakeSlot();
      registered = running_.try_emplace(next->request_id(), next).second;
    }
    next->Begin(registered);
  }
}

void BuildQueue::Leave(BuildStream* build) {
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [&](const auto& waiting) { return waiting.get() == build; });
    std::erase_if(running_, [&](const auto& entry) { return entry.second.get() == build; });
    if (build->has_slot()) --slots_taken_;
  }
  BeginNext();
}

bool BuildQueue::Cancel(const std::string& request_id) {
  std::shared_ptr<BuildStream> build;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(request_id);
    if (found == running_.end()) return false;
    build = found->second;
  }
  return build->Cancel();
}

std::uint32_t BuildQueue::Release(const std::string& request_id) {
  std::vector<std::shared_ptr<BuildStream>> builds;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, build] : running_) {
      if (request_id.empty() || id == request_id) builds.push_back(build);
    }
  }
  std::uint32_t released = 0;
  for (const auto& build : builds) released += build->Release() ? 1 : 0;
  return released;
}

}  // namespace zlayer::fakes::daemon
