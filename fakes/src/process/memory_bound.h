// Limits the memory of the fake, so that a plan that asks for too much does not harm the machine.

#pragma once

#include <cstddef>
#include <cstdint>

namespace zlayer::fakes::daemon {

/// The limit in MiB when the plan does not set `memory_mib`, and the valid range of `memory_mib`.
inline constexpr std::uint32_t kDefaultMemoryMib = 256;
inline constexpr std::uint32_t kLeastMemoryMib = 64;
inline constexpr std::uint32_t kGreatestMemoryMib = 4'096;

/// Sets RLIMIT_DATA, the writable memory, of this process and the children that it will start; 0
/// means the default. Also makes the default stack of new threads 1 MiB, because each stack counts
/// in full; so call it before the first thread starts. Does nothing under a sanitizer, whose shadow
/// memory would count too.
void BoundMemory(std::uint32_t mib);

/// How many bytes this process may still take under RLIMIT_DATA.
size_t MemoryLeft();

/// Raises the limit on open descriptors as far as the process may, as Go's runtime does at start.
void RaiseFileLimit();

}  // namespace zlayer::fakes::daemon
