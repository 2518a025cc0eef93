// SidecarProcess::WaitForLine: which of the things that can happen instead of a line did happen.

#include "escaped.h"
#include "handshake.h"
#include "make_error.h"
#include "sidecar_process.h"

namespace zlayer::sidecar {
namespace {

/// A process that ends closes its stdout a little before its end can be seen. How long the two are
/// waited for together before stdout counts as closed by a living process.
constexpr std::chrono::milliseconds kExitFollowsEof{250};

/// How much of stderr's end is put into a message of one line; the error carries all of it.
constexpr size_t kStderrShown = 400;

std::string EndOf(std::string_view text, size_t limit) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() > limit) text.remove_prefix(text.size() - limit);
  return Escaped(text, limit);
}

LifecycleError ExitedBeforeLine(const StopReport& end, const std::string& partial,
                                const std::string& stderr_tail) {
  std::string message =
      fmt::format("the sidecar {} before its handshake line", SidecarProcess::Describe(end));
  if (!partial.empty()) message += fmt::format("; its stdout: \"{}\"", Escaped(partial, 120));
  message += stderr_tail.empty()
                 ? "; it wrote nothing to stderr"
                 : fmt::format("; its stderr ends: \"{}\"", EndOf(stderr_tail, kStderrShown));
  return {ErrorKind::exited_before_handshake, std::move(message), end.exit_code, end.signal, {}};
}

}  // namespace

Result<std::string> SidecarProcess::WaitForLine(std::chrono::milliseconds limit, Deadline deadline,
                                                std::stop_token stop) {
  std::unique_lock lock(mutex_);
  const auto settled = [this] {
    return first_line_.complete() || first_line_.too_long() || end_ || stdout_closed_;
  };
  changed_.wait_until(lock, stop, deadline, settled);
  if (stdout_closed_ && !end_ && !first_line_.complete()) {
    const auto until = std::min(deadline, Clock::now() + kExitFollowsEof);
    changed_.wait_until(lock, stop, until, [this] { return end_.has_value(); });
  }

  const std::string& bytes = first_line_.bytes();
  if (first_line_.complete()) return bytes;
  if (first_line_.too_long()) {
    return tl::unexpected(
        MalformedHandshake(bytes, fmt::format("{} bytes without an end of line", kHandshakeLimit)));
  }
  if (end_) return tl::unexpected(ExitedBeforeLine(*end_, bytes, stderr_tail_.Bytes()));
  if (stop.stop_requested()) {
    return Fail(ErrorKind::cancelled, "cancelled while waiting for the sidecar's handshake line");
  }
  if (stdout_closed_ && stdout_error_ != 0) {
    return Fail(ErrorKind::handshake_io, "cannot read the sidecar's stdout: {}",
                ErrnoText(stdout_error_));
  }
  if (stdout_closed_ && bytes.empty()) {
    return Fail(ErrorKind::handshake_io,
                "the sidecar closed its stdout without a handshake line, and is still running");
  }
  if (stdout_closed_) {
    return tl::unexpected(MalformedHandshake(bytes, "an unfinished line, closed its stdout"));
  }
  std::string message =
      fmt::format("the sidecar printed no handshake line within {} ms", limit.count());
  if (!bytes.empty()) message += fmt::format("; so far: \"{}\"", Escaped(bytes, 120));
  return Fail(ErrorKind::handshake_timeout, "{}", message);
}

}  // namespace zlayer::sidecar
