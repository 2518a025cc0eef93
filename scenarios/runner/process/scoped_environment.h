// Sets environment variables of this process, and restores them at the end of the scope.

#pragma once

#include <map>
#include <optional>
#include <string>

namespace zlayer::scenarios {

/// The embedded client needs it: libraries below it read the environment of the process. No other
/// thread may read or change the environment during construction and destruction.
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
