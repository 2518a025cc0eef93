#include "fakes/src/service/build_queue.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "fakes/src/base/monotonic.h"
#include "fakes/src/service/build_stream.h"

namespace zlayer::fakes::daemon {
namespace {

/// gRPC rounds its deadline, so its cancels can come a little early.
constexpr std::int64_t kRounding = 20'000'000;

}  // namespace

BuildQueue::BuildQueue(std::uint32_t max_concurrent)
    : max_concurrent_(max_concurrent), stops_hard_at_(std::numeric_limits<std::int64_t>::max()) {}

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
  build->Cancel();
  return true;
}

void BuildQueue::SignalSteps() {
  for (const auto& build : Running("")) build->Signal();
}

void BuildQueue::StopHardAfter(std::chrono::milliseconds limit) {
  stops_hard_at_ = MonotonicNs() + std::chrono::nanoseconds(limit).count() - kRounding;
}

bool BuildQueue::StopsHard() const { return MonotonicNs() >= stops_hard_at_; }

std::uint32_t BuildQueue::Release(const std::string& request_id) {
  std::uint32_t released = 0;
  for (const auto& build : Running(request_id)) released += build->Release() ? 1 : 0;
  return released;
}

std::vector<std::shared_ptr<BuildStream>> BuildQueue::Running(const std::string& request_id) const {
  std::vector<std::shared_ptr<BuildStream>> builds;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, build] : running_) {
    if (request_id.empty() || id == request_id) builds.push_back(build);
  }
  return builds;
}

}  // namespace zlayer::fakes::daemon
