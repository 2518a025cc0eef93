// The handshake line, the one line that a sidecar prints to stdout: LISTENING host:port.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "lifecycle/src/config/address.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The line must end within so many bytes of stdout. The longest valid line has a 253-byte host
/// name and is far shorter.
inline constexpr size_t kHandshakeLimit = 4096;

/// Collects stdout up to the first '\n', at most kHandshakeLimit bytes, and drops all that follows.
/// So a sidecar that floods stdout costs no memory. Not synchronised.
class FirstLine {
 public:
  /// True once: when these bytes make the line complete or too long.
  bool Append(std::string_view bytes) {
    if (complete_ || too_long()) return false;
    const size_t newline = bytes.find('\n');
    bytes_ += bytes.substr(0, std::min(newline, kHandshakeLimit - bytes_.size()));
    complete_ = newline != bytes.npos && !too_long();
    return complete_ || too_long();
  }

  bool complete() const { return complete_; }
  bool too_long() const { return bytes_.size() >= kHandshakeLimit; }
  /// The line without its '\n'; before it is complete, the bytes so far.
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  bool complete_ = false;
};

/// Parses `line`, which has no '\n'; one '\r' at its end is tolerated. An address that is not a
/// loopback address is refused: a sidecar started here listens on loopback only (--bind), so
/// another address could make the client dial a stranger. Errors: handshake_malformed,
/// address_invalid, address_not_loopback.
Result<Address> ParseHandshake(std::string_view line);

/// The error for a stdout without a valid line. `what` says what the sidecar printed instead,
/// `bytes` shows it.
LifecycleError MalformedHandshake(std::string_view bytes, std::string_view what);

}  // namespace zlayer::sidecar
