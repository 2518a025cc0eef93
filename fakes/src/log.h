// The daemon's own log: one JSON object a line on stderr, as Go's slog writes it.
//
//   log.Info("listening", {{"addr", address}});

#pragma once

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
  explicit Log(LogLevel least = LogLevel::info) : least_(least) {}

  void Debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    Write(LogLevel::debug, message, fields);
  }
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
};

}  // namespace zlayer::fakes
