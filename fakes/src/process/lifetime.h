// The hard lifetime of the fake: a broken test leaves no hung process behind.
//
// This room, process/, is about the fake as a Unix process: how it waits, stops and ends.
// signals.h turns SIGTERM and SIGINT into events of the main thread; waiter.h gives other threads
// the same interface for waiting; pipe_writer.h writes to pipes that may be full for ever.
// lifetime.h and memory_bound.h limit what a fake can cost the machine. stand_still.h stops the
// process and has it continued, leave.h exits, launch_count.h counts launches.
// Invariants: no wait is without an end, since the lifetime's timer kills the fake in any state but
// a stopped one, and stand_still.h covers that one. Start reading at signals.h.

#pragma once

#include <cstdint>
#include <limits>

#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// The lifetime in milliseconds when neither the plan nor the environment sets it.
inline constexpr std::uint32_t kDefaultLifetimeMs = 60'000;
/// What RemainingLifetimeUs() returns when there is no limit.
inline constexpr std::int64_t kUntilKilled = std::numeric_limits<std::int64_t>::max();

/// The lifetime in milliseconds: ZLAYER_FAKE_LIFETIME_MS, where 0 means no limit; without it
/// `plan_ms`, where 0 means the default. Returns 0 for no limit. Errors are bad input.
Result<std::uint32_t> LifetimeMs(std::uint32_t plan_ms);

/// Arms a timer, or sets it anew. After `ms` (0: never) its signal handler writes an `exiting`
/// entry to `journal_fd` (-1: none) and exits with status 124, whatever the process is doing. Call
/// on the main thread, after ResetInheritedSignals(), which unblocks SIGALRM.
void ArmLifetime(std::uint32_t ms, int journal_fd);

/// Arms the timer in a child of fork(2), which does not inherit its parent's timer. The child then
/// exits at the same time as its parent would. `remaining_us` is what RemainingLifetimeUs()
/// returned in the parent before the fork.
void ArmChildLifetime(std::int64_t remaining_us);

/// Microseconds until the lifetime is over; 0 when it is over, kUntilKilled when it has no limit.
std::int64_t RemainingLifetimeUs();

}  // namespace zlayer::fakes::daemon
