#include "fakes/src/peer/companions.h"

#include <sys/eventfd.h>

#include <string>
#include <system_error>

#include "fakes/src/process/leave.h"

namespace zlayer::fakes::daemon {

Companions::Companions(const std::vector<Work>& works, Start& start) {
  if (works.empty()) return;
  stopped_.Reset(eventfd(0, EFD_CLOEXEC));
  try {
    for (const Work& work : works) {
      threads_.emplace_back(
          [&work, &start, wait = ThreadWaiter(stopped_.get())] { work(start, wait); });
    }
  } catch (const std::system_error& error) {
    const std::string reason = std::string("no thread for the work of a fault: ") + error.what();
    start.log.Error(reason);
    Leave(start.journal, kExitStartFailed, reason);
  }
}

void Companions::Stop() {
  if (stopped_) eventfd_write(stopped_.get(), 1);
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace zlayer::fakes::daemon
