// Cuts a stream into lines, in bounded memory.

#pragma once

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>

namespace zlayer::sidecar {

/// Calls back with each line, without its '\n'; a line longer than kLimit comes in pieces. The last
/// line needs no '\n'. Not synchronised.
class LineCutter {
 public:
  static constexpr size_t kLimit = 8 * 1024;

  explicit LineCutter(std::function<void(std::string_view)> on_line)
      : on_line_(std::move(on_line)) {}

  void Append(std::string_view bytes) {
    if (!on_line_) return;
    if (skipping_) {
      const size_t newline = bytes.find('\n');
      if (newline == bytes.npos) return;
      bytes.remove_prefix(newline + 1);
      skipping_ = false;
    }
    while (!bytes.empty()) {
      const size_t length = std::min(bytes.find('\n'), bytes.size());
      const size_t taken = std::min(length, kLimit - partial_.size());
      partial_ += bytes.substr(0, taken);
      bytes.remove_prefix(taken);
      const bool complete = bytes.starts_with('\n');
      if (!complete && partial_.size() < kLimit) return;
      on_line_(partial_);
      partial_.clear();
      if (complete) bytes.remove_prefix(1);
    }
  }

  /// Bytes of the stream have been left out: what is known of the unfinished line is passed, and
  /// the next line is the first that begins in what is appended later.
  void Skip() {
    Finish();
    skipping_ = true;
  }

  /// The stream has ended.
  void Finish() {
    if (partial_.empty()) return;
    on_line_(partial_);
    partial_.clear();
  }

 private:
  std::function<void(std::string_view)> on_line_;
  std::string partial_;
  bool skipping_ = false;  // up to the next newline
};

}  // namespace zlayer::sidecar
