#include "fakes/src/process/memory_bound.h"

#include <pthread.h>
#include <sys/resource.h>

namespace zlayer::fakes::daemon {
namespace {

#ifdef ZLAYER_SANITIZED
constexpr bool kSanitized = true;  // the shadow memory takes terabytes of address space
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kStack = 1 << 20;

}  // namespace

void BoundMemory(std::uint32_t mib) {
  if (kSanitized) return;
  rlimit data{};
  getrlimit(RLIMIT_DATA, &data);
  const rlim_t bound = rlim_t{mib == 0 ? kDefaultMemoryMib : mib} << 20;
  if (data.rlim_max != RLIM_INFINITY && data.rlim_max < bound)
    return;  // the spawner's limit is lower
  data.rlim_cur = bound;
  setrlimit(RLIMIT_DATA, &data);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

}  // namespace zlayer::fakes::daemon
