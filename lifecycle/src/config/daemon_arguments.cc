#include "lifecycle/src/config/daemon_arguments.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/text/escaped.h"

namespace zlayer::sidecar {
namespace {

/// How many bytes of a bad setting an error message shows at most.
constexpr size_t kShown = 200;

/// The names in the arguments that the library itself can pass: every second one.
std::vector<std::string> OwnFlags() {
  ResolvedConfig all{};
  all.max_concurrent = 1;
  all.log_level = "info";
  const std::vector<std::string> arguments = DaemonArguments(all, {});
  std::vector<std::string> flags;
  for (size_t i = 0; i < arguments.size(); i += 2) flags.push_back(arguments[i]);
  return flags;
}

/// The flag that an argument sets, in the form "--name", by the rules of Go's package flag: one
/// hyphen is as good as two, and a value can follow after "=". "" if the argument is no flag.
std::string FlagOf(std::string_view argument) {
  if (!argument.starts_with('-')) return "";
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  return "--" + std::string(argument.substr(0, argument.find('=')));
}

}  // namespace

std::vector<std::string> DaemonArguments(const ResolvedConfig& config, const DaemonTlsFiles& tls) {
  std::vector<std::string> arguments = {"--bind",
                                        "127.0.0.1:0",
                                        "--tls-ca",
                                        tls.ca,
                                        "--tls-cert",
                                        tls.cert,
                                        "--tls-key",
                                        tls.key,
                                        "--idle-secs",
                                        std::to_string(config.idle_secs),
                                        "--storage-root",
                                        config.storage_graph_root,
                                        "--storage-runroot",
                                        config.storage_run_root,
                                        "--storage-driver",
                                        config.storage_driver};
  const auto add = [&arguments](std::string flag, std::string value) {
    arguments.push_back(std::move(flag));
    arguments.push_back(std::move(value));
  };
  if (config.max_concurrent) add("--max-concurrent", std::to_string(*config.max_concurrent));
  if (config.log_level) add("--log-level", *config.log_level);
  arguments.insert(arguments.end(), config.arguments.begin(), config.arguments.end());
  return arguments;
}

Result<void> CheckDaemonArguments(const SidecarConfig& config) {
  if (config.max_concurrent && *config.max_concurrent < 1) {
    return Fail(ErrorKind::config_invalid, "max_concurrent is {}: it must be 1 or more",
                *config.max_concurrent);
  }
  constexpr std::array<std::string_view, 4> kLevels{"error", "warn", "info", "debug"};
  if (config.log_level && std::ranges::find(kLevels, *config.log_level) == kLevels.end()) {
    return Fail(ErrorKind::config_invalid,
                "log_level is \"{}\": it must be error, warn, info or debug",
                Escaped(*config.log_level, kShown));
  }
  const std::vector<std::string> own = OwnFlags();
  for (size_t i = 0; i < config.arguments.size(); ++i) {
    const std::string& argument = config.arguments[i];
    if (argument.find('\0') != std::string::npos) {
      return Fail(ErrorKind::config_invalid, "arguments[{}] is \"{}\": it must not contain NUL", i,
                  Escaped(argument, kShown));
    }
    if (std::ranges::find(own, FlagOf(argument)) != own.end()) {
      return Fail(ErrorKind::config_invalid, "arguments[{}] is \"{}\": the library sets {} itself",
                  i, Escaped(argument, kShown), FlagOf(argument));
    }
  }
  return {};
}

}  // namespace zlayer::sidecar
