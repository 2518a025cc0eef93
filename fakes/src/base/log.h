// The daemon's own log: one JSON object a line on stderr, as Go's slog writes it.
//
//   log.Info("listening", {{"addr", address}});

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace zlayer::fakes {

enum class LogLevel { debug, info, warn, error };

using LogField = std::pair<std::string_view, std::string_view>;

/// Thread-safe. A line is one write(2), which blocks as long as the pipe is full. A reader that is
/// gone ends the process with SIGPIPE, as it ends a Go program.
class Log {
 public:
  /// `clock_offset_secs`: of the times in it.
  explicit Log(LogLevel least = LogLevel::info, std::int64_t clock_offset_secs = 0)
      : least_(least), clock_offset_secs_(clock_offset_secs) {}

  void Info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::info, message, fields);
  }
  void Error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::error, message, fields);
  }

 private:
  void Write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields) const;

  LogLevel least_;
  std::int64_t clock_offset_secs_;
};

}  // namespace zlayer::fakes
