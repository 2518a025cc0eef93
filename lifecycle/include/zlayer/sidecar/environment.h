// A set of environment variables, independent of those of this process.
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

/// The variables that the library reads, and the environment that the sidecar inherits; see
/// LifecycleOptions::environment. A value type: copies are independent. Not synchronised.
class Environment {
 public:
  /// Returns a copy of this process's environment. As with getenv(3), no other thread may change
  /// the environment during the call.
  ///
  /// Where the program has rights that its caller does not have (set-user-ID, set-group-ID, file
  /// capabilities: AT_SECURE of getauxval(3)), the caller's variables are not trusted. The copy
  /// then has two variables only: PATH, the system's usual directories, and HOME, from the user
  /// database (getpwuid(3)) for the effective user id. Add what the program itself trusts by Set().
  static Environment OfThisProcess();

  /// `name` must be a variable's name: not empty, and without "=". It is not checked.
  void Set(std::string name, std::string value);
  void Unset(std::string_view name);

  /// Returns the value of `name`. A variable whose value is the empty string counts as unset, as
  /// the sidecar protocol demands.
  std::optional<std::string> Get(std::string_view name) const;

  /// Returns every variable as "NAME=value", including those with an empty value.
  std::vector<std::string> Strings() const;

 private:
  std::map<std::string, std::string, std::less<>> variables_;
};

}  // namespace zlayer::sidecar
