// Writing to stdout and stderr as the daemon does.

#pragma once

#include <string_view>

namespace zlayer::fakes {

/// Writes everything, blocking. SIGPIPE is ignored in this process, for its sockets' sake; a broken
/// stdout or stderr still ends it by that signal, as it ends a Go program.
void WriteAll(int fd, std::string_view bytes);

/// Ends the process by `signal`, at its default disposition.
[[noreturn]] void DieBySignal(int signal);

}  // namespace zlayer::fakes
