#include "zlayer/sidecar/environment.h"

#include <pwd.h>
#include <sys/auxv.h>
#include <unistd.h>

namespace zlayer::sidecar {

namespace {

/// The home directory of the effective user in the user database; empty if it has none.
std::string HomeOfEffectiveUser() {
  // The size that sysconf(_SC_GETPW_R_SIZE_MAX) gives is only a hint, and no entry is larger.
  std::vector<char> buffer(64 * 1024);
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 || !found) {
    return "";
  }
  return entry.pw_dir ? entry.pw_dir : "";
}

/// What a process with its own rights gets from nobody but the system.
Environment OfTheSystem() {
  Environment environment;
  environment.Set("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
  if (std::string home = HomeOfEffectiveUser(); !home.empty()) {
    environment.Set("HOME", std::move(home));
  }
  return environment;
}

}  // namespace

Environment Environment::OfThisProcess() {
  // As secure_getenv(3): the program was started with rights that its caller does not have.
  if (::getauxval(AT_SECURE) != 0) return OfTheSystem();
  Environment environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    const size_t equals = variable.find('=');
    if (equals == variable.npos) continue;
    // The first of two variables of one name counts, as for getenv(3).
    environment.variables_.emplace(variable.substr(0, equals), variable.substr(equals + 1));
  }
  return environment;
}

void Environment::Set(std::string name, std::string value) {
  variables_.insert_or_assign(std::move(name), std::move(value));
}

void Environment::Unset(std::string_view name) {
  const auto found = variables_.find(name);
  if (found != variables_.end()) variables_.erase(found);
}

std::optional<std::string> Environment::Get(std::string_view name) const {
  const auto found = variables_.find(name);
  if (found == variables_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Environment::Strings() const {
  std::vector<std::string> strings;
  strings.reserve(variables_.size());
  for (const auto& [name, value] : variables_) strings.push_back(name + "=" + value);
  return strings;
}

}  // namespace zlayer::sidecar
