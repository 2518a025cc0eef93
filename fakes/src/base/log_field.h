// One key and its value in a line of the log.

#pragma once

#include <cstdint>
#include <string>

namespace zlayer::fakes::daemon {

struct LogField {
  std::string key;
  std::string value;
  bool is_number = false;  ///< a number, which JSON writes without quotes
};

inline LogField NumberField(std::string key, std::uint64_t number) {
  return {std::move(key), std::to_string(number), true};
}

}  // namespace zlayer::fakes::daemon
