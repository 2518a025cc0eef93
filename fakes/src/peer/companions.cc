#include "fakes/src/peer/companions.h"

#include <sys/eventfd.h>

namespace zlayer::fakes::daemon {

Companions::Companions(const std::vector<Work>& works, Start& start) {
  if (works.empty()) return;
  stopped_.Reset(eventfd(0, EFD_CLOEXEC));
  for (const Work& work : works) {
    threads_.emplace_back(
        [&work, &start, wait = ThreadWaiter(stopped_.get())] { work(start, wait); });
  }
}

void Companions::Stop() {
  if (stopped_) eventfd_write(stopped_.get(), 1);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace zlayer::fakes::daemon
