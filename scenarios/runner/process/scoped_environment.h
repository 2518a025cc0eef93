// Environment variables of this process for a while.

#pragma once

#include <map>
#include <optional>
#include <string>

namespace zlayer::scenarios {

/// For clients in this process: libraries under them read the process's environment. No other
/// thread may read or change the environment while one is made or destroyed.
class ScopedEnvironment {
 public:
  explicit ScopedEnvironment(const std::map<std::string, std::string>& variables);
  ~ScopedEnvironment();
  ScopedEnvironment(const ScopedEnvironment&) = delete;
  ScopedEnvironment& operator=(const ScopedEnvironment&) = delete;

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace zlayer::scenarios
