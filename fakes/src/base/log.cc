#include "fakes/src/base/log.h"

#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <string>

#include "fakes/src/base/stdio_write.h"

namespace zlayer::fakes::daemon {
namespace {

std::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "DEBUG";
    case LogLevel::info:
      return "INFO";
    case LogLevel::warn:
      return "WARN";
    case LogLevel::error:
      break;
  }
  return "ERROR";
}

std::string Rfc3339Now(std::int64_t offset_secs) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  now.tv_sec += offset_secs;
  tm utc{};
  gmtime_r(&now.tv_sec, &utc);
  char date[32];
  char text[64];
  strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  std::snprintf(text, sizeof text, "%s.%09ldZ", date, now.tv_nsec);
  return text;
}

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(c));
      out += escaped;
    } else {
      out += c;
    }
  }
  out += '"';
}

}  // namespace

void Log::Write(LogLevel level, std::string_view message,
                const std::vector<LogField>& fields) const {
  if (level < least_) return;
  std::string line = "{\"time\":\"" + Rfc3339Now(offset_ ? offset_() : 0) + "\",\"level\":\"";
  line += LevelName(level);
  line += "\",\"msg\":";
  AppendQuoted(line, message);
  line += ",\"component\":\"zlayer-buildd\"";
  for (const LogField& field : fields) {
    line += ',';
    AppendQuoted(line, field.key);
    line += ':';
    if (field.is_number) {
      line += field.value;
    } else {
      AppendQuoted(line, field.value);
    }
  }
  line += "}\n";
  WriteAll(STDERR_FILENO, line);
}

}  // namespace zlayer::fakes::daemon
