// Keeps the end of a stream, in bounded memory.

#pragma once

#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// Keeps the last kLimit bytes. Not synchronised.
class TailBuffer {
 public:
  static constexpr size_t kLimit = 64 * 1024;

  void Append(std::string_view bytes) {
    if (bytes.size() > kLimit) bytes.remove_prefix(bytes.size() - kLimit);
    // Holds up to twice kLimit, so that old bytes are moved out once per kLimit new bytes, not at
    // each call.
    if (kept_.size() + bytes.size() > 2 * kLimit) {
      kept_.erase(0, kept_.size() - (kLimit - bytes.size()));
    }
    kept_ += bytes;
  }

  /// Oldest first.
  std::string Bytes() const {
    return kept_.size() <= kLimit ? kept_ : kept_.substr(kept_.size() - kLimit);
  }

 private:
  std::string kept_;
};

}  // namespace zlayer::sidecar
