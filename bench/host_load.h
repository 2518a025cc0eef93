// The load of a host program that starts a sidecar: its memory and its descriptors.
//
//   auto memory = ResidentMemory::Take(256);
//   if (!memory) return state.SkipWithError(memory.error().c_str());

#pragma once

#include <sys/resource.h>

#include <cstddef>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

namespace zlayer::bench {

/// Private anonymous memory in pages of 4 KiB, each written once. The destructor unmaps it.
class ResidentMemory {
 public:
  /// The error is one line. It is also an error if less than 1 GiB of the machine's memory would be
  /// left.
  static tl::expected<ResidentMemory, std::string> Take(size_t mib);

  ResidentMemory(ResidentMemory&& other) noexcept
      : base_(std::exchange(other.base_, nullptr)), bytes_(other.bytes_) {}
  ResidentMemory& operator=(ResidentMemory&&) = delete;
  ~ResidentMemory();

 private:
  ResidentMemory(void* base, size_t bytes) : base_(base), bytes_(bytes) {}

  void* base_;  // nullptr once moved from
  size_t bytes_;
};

/// Open descriptors of /dev/null. Raises the soft limit of RLIMIT_NOFILE to make room for them. The
/// destructor closes them and restores the limit.
class OpenDescriptors {
 public:
  /// The error is one line. It is also an error if the hard limit would leave fewer than 256 free.
  static tl::expected<OpenDescriptors, std::string> Open(size_t count);

  OpenDescriptors(OpenDescriptors&&) noexcept = default;
  OpenDescriptors& operator=(OpenDescriptors&&) = delete;
  ~OpenDescriptors();

 private:
  explicit OpenDescriptors(const rlimit& before) : before_(before) {}

  std::vector<int> open_;  // empty: not open yet, or moved from
  rlimit before_;
};

}  // namespace zlayer::bench
