#include "fakes/src/process/memory_bound.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <new>
#include <string_view>

#include "fakes/src/base/before_end.h"
#include "fakes/src/base/failure.h"
#include "fakes/src/base/stdio_write.h"
#include "fakes/src/base/unique_fd.h"

namespace zlayer::fakes::daemon {
namespace {

#ifdef ZLAYER_SANITIZED
constexpr bool kSanitized = true;  // the shadow memory takes terabytes of address space
#else
constexpr bool kSanitized = false;
#endif

constexpr size_t kStack = 1 << 20;

[[noreturn]] void OutOfMemory() {
  constexpr std::string_view kText =
      "fake-zlayer-buildd: the plan's memory limit is reached; memory_mib raises it\n";
  WriteAll(STDERR_FILENO, kText);
  RunBeforeEnd();
  _exit(kExitStartFailed);
}

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
  std::set_new_handler(&OutOfMemory);
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStack);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
}

size_t MemoryLeft() {
  rlimit data{};
  if (getrlimit(RLIMIT_DATA, &data) != 0 || data.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<size_t>::max();
  }
  const UniqueFd statm(open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  char text[128] = "";
  if (!statm || read(statm.get(), text, sizeof text - 1) <= 0) {
    return std::numeric_limits<size_t>::max();  // no descriptor is left: that bounds it
  }
  size_t pages = 0;  // the sixth number: data and stack
  if (std::sscanf(text, "%*u %*u %*u %*u %*u %zu", &pages) != 1) return 0;
  const size_t taken = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  return data.rlim_cur - std::min<size_t>(taken, data.rlim_cur);
}

void RaiseFileLimit() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace zlayer::fakes::daemon
