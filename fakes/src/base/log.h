// The daemon's own log: one JSON object a line on stderr, as Go's slog writes it.
//
//   log.Info("zlayer-buildd ready", {{"bind", address}, NumberField("idle_secs", 30)});

#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "fakes/src/base/log_field.h"

namespace zlayer::fakes::daemon {

enum class LogLevel { debug, info, warn, error };

/// Thread-safe. A line is one write(2), which blocks while the pipe is full. When the pipe has no
/// reader any more, the write ends the process by SIGPIPE, as it does in a Go program.
class Log {
 public:
  /// In seconds. Called for each line, on its thread.
  using ClockOffset = std::function<std::int64_t()>;

  /// Lines below `least` are not written. `offset` is added to every timestamp (fault `clock`);
  /// empty: none.
  explicit Log(LogLevel least = LogLevel::info, ClockOffset offset = {})
      : least_(least), offset_(std::move(offset)) {}

  void Info(std::string_view message, const std::vector<LogField>& fields = {}) const {
    Write(LogLevel::info, message, fields);
  }
  void Warn(std::string_view message, const std::vector<LogField>& fields = {}) const {
    Write(LogLevel::warn, message, fields);
  }
  void Error(std::string_view message, const std::vector<LogField>& fields = {}) const {
    Write(LogLevel::error, message, fields);
  }

 private:
  void Write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) const;

  LogLevel least_;
  ClockOffset offset_;
};

}  // namespace zlayer::fakes::daemon
