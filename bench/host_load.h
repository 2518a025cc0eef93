// What a host program holds when it starts a sidecar: memory, descriptors.
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

/// Private anonymous memory of ordinary pages, each of them written. Given back when it goes.
class ResidentMemory {
 public:
  /// The error is one line; it also comes when less than 1 GiB would be left to the machine.
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

/// Open descriptors of /dev/null, and the room for them. Closed when it goes, and the limit is what
/// it was.
class OpenDescriptors {
 public:
  /// The error is one line; it also comes when the hard limit leaves less than 256 to others.
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
