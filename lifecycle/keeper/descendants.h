// Everything that a program started and that has come to us, its subreaper.

#pragma once

namespace zlayer::sidecar {

/// Sends SIGKILL to every child of this process until none is left: the children of the killed come
/// to us in turn. Reaps them. Returns early when those that are left may not be killed by us
/// (set-user-ID programs), or cannot be found: then there is no /proc. The caller is
/// single-threaded, a subreaper or its namespace's init.
void EndDescendants();

}  // namespace zlayer::sidecar
