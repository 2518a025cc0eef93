#include "host_load.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "proc_field.h"

namespace zlayer::bench {
namespace {

constexpr size_t kMib = 1024 * 1024;

/// What the library, gRPC and the floors open beside them.
constexpr size_t kOthers = 256;

std::string Errno(const char* call) { return std::string(call) + ": " + std::strerror(errno); }

}  // namespace

tl::expected<ResidentMemory, std::string> ResidentMemory::Take(size_t mib) {
  const long available = ProcField("/proc/meminfo", "MemAvailable") / 1024;
  if (available < static_cast<long>(mib + 1024)) {
    return tl::unexpected("the machine has " + std::to_string(available) +
                          " MiB of memory available, " + std::to_string(mib + 1024) +
                          " are needed");
  }
  const size_t bytes = mib * kMib;
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return tl::unexpected(Errno("mmap"));
  ResidentMemory memory(base, bytes);
  // A kernel without huge pages refuses the advice, and needs none.
  if (::madvise(base, bytes, MADV_NOHUGEPAGE) != 0 && errno != EINVAL) {
    return tl::unexpected(Errno("madvise"));
  }
  const auto page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  auto* bytes_of = static_cast<volatile char*>(base);
  for (size_t at = 0; at < bytes; at += page) bytes_of[at] = 1;
  return memory;
}

ResidentMemory::~ResidentMemory() {
  if (base_ != nullptr) ::munmap(base_, bytes_);
}

tl::expected<OpenDescriptors, std::string> OpenDescriptors::Open(size_t count) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return tl::unexpected(Errno("getrlimit"));
  if (limit.rlim_max < count + kOthers) {
    return tl::unexpected("the hard limit on descriptors is " + std::to_string(limit.rlim_max) +
                          ", " + std::to_string(count + kOthers) + " are needed");
  }
  OpenDescriptors descriptors(limit);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) != 0) return tl::unexpected(Errno("setrlimit"));
  descriptors.open_.reserve(count);
  while (descriptors.open_.size() < count) {
    const bool first = descriptors.open_.empty();
    const int fd = first ? ::open("/dev/null", O_RDONLY | O_CLOEXEC)
                         : ::fcntl(descriptors.open_.front(), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) return tl::unexpected(Errno(first ? "open" : "fcntl"));
    descriptors.open_.push_back(fd);
  }
  return descriptors;
}

OpenDescriptors::~OpenDescriptors() {
  for (const int fd : open_) ::close(fd);
  if (!open_.empty()) ::setrlimit(RLIMIT_NOFILE, &before_);
}

}  // namespace zlayer::bench
