// Environment variables as a value.
//
//   Environment environment = Environment::OfThisProcess();
//   environment.Set("ZLAYER_BUILDD_BIN", "/opt/zlayer/zlayer-buildd");

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zlayer::sidecar {

/// What discovery reads and what the sidecar inherits. A value: copy it freely; not synchronised.
class Environment {
 public:
  /// A copy of this process's environment. As with getenv(3), no thread may change the environment
  /// meanwhile.
  static Environment OfThisProcess();

  void Set(std::string name, std::string value);
  void Unset(std::string_view name);

  /// Empty strings count as unset, as the protocol has it.
  std::optional<std::string> Get(std::string_view name) const;

  /// Every variable as "NAME=value".
  std::vector<std::string> Strings() const;

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace zlayer::sidecar
