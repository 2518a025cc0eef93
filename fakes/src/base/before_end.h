// What this process does just before it ends by itself: today, it ends its upstream.

#pragma once

namespace zlayer::fakes::daemon {

/// Registers `act`. It must be async-signal-safe: the lifetime's signal handler calls it. Call it
/// once, on the main thread.
void BeforeEnd(void (*act)());

/// Runs what was registered, once. Does nothing in a child of fork(2). Leave(), DieBySignal() and
/// the end of the lifetime call it. A signal from outside, such as SIGKILL, ends the process
/// without it.
void RunBeforeEnd();

}  // namespace zlayer::fakes::daemon
