// What Go's runtime does with signals that the daemon does not handle itself.

#pragma once

namespace zlayer::fakes::daemon {

/// From now on SIGQUIT and SIGABRT write a dump to stderr and exit with status 2, and SIGUSR1 and
/// SIGUSR2 do nothing. An abort of the fake's own code still kills the process by SIGABRT. Call it
/// once, after ResetInheritedSignals(). SIGPIPE is ignored there; SIGHUP kills by default.
void InstallRuntimeSignals();

}  // namespace zlayer::fakes::daemon
