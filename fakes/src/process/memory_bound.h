// How much memory the fake may have: a plan that asks for too much must not take the machine.

#pragma once

#include <cstdint>

namespace zlayer::fakes {

/// MiB, where a plan names none, and its limits.
inline constexpr std::uint32_t kDefaultMemoryMib = 256;
inline constexpr std::uint32_t kLeastMemoryMib = 64;
inline constexpr std::uint32_t kGreatestMemoryMib = 4'096;

/// Bounds what this process and its children could write to; 0: the default. Before any thread,
/// since threads get smaller stacks from then on: each counts in full. A sanitizer's shadow would
/// count, too; under one nothing is bounded.
void BoundMemory(std::uint32_t mib);

}  // namespace zlayer::fakes
