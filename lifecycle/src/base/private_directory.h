// Directories whose content no other user can replace: storage roots and the TLS directory.
//
// A directory that the library makes gets mode 0700, whatever the umask is. A directory that exists
// belongs to somebody else's arrangement: the library checks it and never changes its mode.

#pragma once

#include <string>

#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Whether files and directories of this user id are trusted: our own are, and those of root, who
/// can replace any file anyway. Our own are those of the effective user id.
bool IsTrustedOwner(unsigned uid);

/// An error if `path` is a directory of another user than this one or root, or one that its group
/// or others can write to: they could replace what is in it. A path that leads to no directory
/// passes; whoever uses it then finds out. Follows links. The message names owner and mode.
Result<void> CheckDirectoryIsOurs(const std::string& path, ErrorKind kind);

/// Makes `path` and its missing parents, each with mode 0700. If `path` exists already, it keeps
/// its mode and must pass CheckDirectoryIsOurs. Other directories on the way are taken as they are.
/// An error is of kind `kind`; its message names the component that failed and the errno text.
Result<void> CreatePrivateDirectory(const std::string& path, ErrorKind kind);

}  // namespace zlayer::sidecar
