// The hard lifetime: a broken test leaves no hung fake behind.

#pragma once

#include <cstdint>

namespace zlayer::fakes {

/// Milliseconds, where a plan names none.
inline constexpr std::uint32_t kDefaultLifetimeMs = 60'000;

/// After `ms` this process writes an `exiting` entry to `journal_fd` (-1: none) and exits with
/// status 124, whatever it is doing. Call once, on the main thread, after ResetInheritedSignals().
void ArmLifetime(std::uint32_t ms, int journal_fd);

/// For a child of fork(2), which inherits no timer: ends it when its parent's lifetime would.
/// `remaining_us` comes from RemainingLifetimeUs(), called in the parent.
void ArmChildLifetime(std::int64_t remaining_us);
std::int64_t RemainingLifetimeUs();

}  // namespace zlayer::fakes
