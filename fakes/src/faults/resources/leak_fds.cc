// Fault `leak_fds`: opens descriptors and never closes them.

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "fakes/src/faults/kinds.h"

namespace zlayer::fakes::daemon {
namespace {

constexpr std::uint32_t kGreatest = 65'536;
/// The least RLIMIT_NOFILE with which the fake can still serve.
constexpr std::uint32_t kLeastLimit = 32;

Reach ReachOf(const v1::Fault& fault) { return {.stage = StageOf(fault.leak_fds().phase())}; }

Mistake Check(const v1::Fault& fault) {
  const v1::LeakFds& leak = fault.leak_fds();
  if (leak.count() == 0 || leak.count() > kGreatest) return {"count", "must be 1 to 65536"};
  if (leak.limit() != 0 && (leak.limit() < kLeastLimit || leak.limit() > kGreatest)) {
    return {"limit", "must be 32 to 65536"};
  }
  return {};
}

void SetFileLimit(std::uint32_t limit) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(limit, files.rlim_max);
  setrlimit(RLIMIT_NOFILE, &files);
}

/// Before the daemon serves, a leak up to the limit leaves these free: without them, gRPC aborts
/// the process in its own start.
constexpr size_t kForServer = 24;

void Leak(const v1::LeakFds& leak) {
  std::vector<int> leaked;
  while (leaked.size() < leak.count()) {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) break;
    leaked.push_back(fd);
  }
  if (leak.phase() == v1::SERVING || leaked.size() == leak.count()) return;
  for (size_t i = 0; i < std::min(kForServer, leaked.size()); ++i)
    close(leaked[leaked.size() - 1 - i]);
}

void Apply(const v1::Fault& fault, const TriggerPtr& trigger, Peer& peer) {
  peer.Add(fault.leak_fds().phase(), trigger,
           [leak = fault.leak_fds(), trigger](Start&, const Waiter&) {
             if (!trigger->Take()) return;
             if (leak.limit() != 0) SetFileLimit(leak.limit());
             Leak(leak);
             trigger->Fired();
           });
}

}  // namespace

const FaultKind kLeakFdsFault = {"leak_fds", "", &ReachOf, &Check, nullptr, &Apply};

}  // namespace zlayer::fakes::daemon
