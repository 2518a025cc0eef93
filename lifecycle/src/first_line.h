// The first line of a stream, in bounded memory.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "handshake.h"

namespace zlayer::sidecar {

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

}  // namespace zlayer::sidecar
