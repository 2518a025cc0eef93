// The one line that a sidecar prints: LISTENING host:port.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "lifecycle/src/config/address.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Bytes of stdout in which the line must end. The longest valid line (a 253-byte name) is far
/// below.
inline constexpr size_t kHandshakeLimit = 4096;

/// Collects bytes up to the first '\n', at most kHandshakeLimit of them, and drops everything
/// behind it. Not synchronised.
class FirstLine {
 public:
  /// True when these bytes settled it: the line is complete now, or too long now.
  bool Append(std::string_view bytes) {
    if (complete_ || too_long()) return false;
    const size_t newline = bytes.find('\n');
    bytes_ += bytes.substr(0, std::min(newline, kHandshakeLimit - bytes_.size()));
    complete_ = newline != bytes.npos && !too_long();
    return complete_ || too_long();
  }

  bool complete() const { return complete_; }
  bool too_long() const { return bytes_.size() >= kHandshakeLimit; }
  /// The line without its '\n', or what there is of it.
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  bool complete_ = false;
};

/// `line` is without its '\n'; one '\r' at its end is tolerated. The address is one of this
/// machine's loopback addresses, the only place where a sidecar of our own can be. Errors:
/// handshake_malformed, address_invalid, address_not_loopback.
Result<Address> ParseHandshake(std::string_view line);

/// stdout that held no line: too long, or ended without '\n'.
LifecycleError MalformedHandshake(std::string_view bytes, std::string_view what);

}  // namespace zlayer::sidecar
