// Writing to stdout and stderr as the daemon does.

#pragma once

#include <functional>
#include <string_view>

namespace zlayer::fakes::daemon {

/// Writes all bytes and blocks while the pipe is full. The process ignores SIGPIPE, because a write
/// to a closed socket must not kill it. On EPIPE this function therefore raises SIGPIPE itself: a
/// Go program dies the same way when its stdout or stderr is broken. Other errors are ignored.
void WriteAll(int fd, std::string_view bytes);

/// Closes stdout: the reader of the pipe gets its end. /dev/null takes the descriptor's number, or
/// the next socket would become stdout.
void CloseStdout();
/// Called by DieBySignal() before the process dies, to journal it. Set it while there is one
/// thread.
void SetLastWords(std::function<void(int signal)> last_words);

/// Kills this process by `signal`, after it has reset the signal to its default disposition, so
/// that the parent sees WIFSIGNALED. From any thread; the signal's default must end a process.
[[noreturn]] void DieBySignal(int signal);

}  // namespace zlayer::fakes::daemon
