// Kills everything that the program started.

#pragma once

namespace zlayer::sidecar {

/// Sends SIGKILL to every child of this process and reaps it, until there is no child. When a child
/// dies, its own children become ours, because this process is a subreaper or the init of its PID
/// namespace; so the loop reaches every descendant.
///
/// Returns early if this process may not kill the children that are left (set-user-ID programs), or
/// cannot list them because there is no /proc. The caller must have one thread only.
void EndDescendants();

}  // namespace zlayer::sidecar
