#include "lifecycle/src/config/resolved_config.h"

#include <unistd.h>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/config/daemon_arguments.h"
#include "lifecycle/src/text/path_text.h"
#include "lifecycle/src/text/utf8.h"

namespace zlayer::sidecar {
namespace {

/// The data directory of protocol section 1.
Result<std::string> DataDir(const Environment& environment) {
  if (auto chosen = environment.Get("ZLAYER_DATA_DIR")) return *chosen;
  if (::geteuid() == 0) return "/var/lib/zlayer";
  if (auto home = environment.Get("HOME")) return *home + "/.zlayer";
  return Fail(ErrorKind::config_invalid,
              "no data directory: neither ZLAYER_DATA_DIR nor HOME is set");
}

Result<void> CheckLimit(std::string_view name, std::chrono::milliseconds limit) {
  if (limit.count() > 0) return {};
  return Fail(ErrorKind::config_invalid, "{} is {} ms: it must be more than 0", name,
              limit.count());
}

Result<void> CheckNotEmpty(std::string_view name, const std::optional<std::string>& value) {
  if (!value || !value->empty()) return {};
  return Fail(ErrorKind::config_invalid, "{} is empty: leave it unset for its default", name);
}

Result<void> CheckNoNul(std::string_view name, std::string_view value) {
  if (value.find('\0') == value.npos) return {};
  return Fail(ErrorKind::config_invalid, "{} is \"{}\": it contains a NUL byte", name,
              PathText(value));
}

/// The kernel ends a path, an argument or a variable at its first NUL byte: another file would be
/// used than the one that was checked.
Result<void> CheckNoNulAnywhere(const SidecarConfig& config, const LifecycleOptions& options,
                                const Environment& environment) {
  const auto& mount = config.context_mount;
  const std::pair<const char*, const std::string*> settings[] = {
      {"addr", config.addr ? &*config.addr : nullptr},
      {"tls_dir", config.tls_dir ? &*config.tls_dir : nullptr},
      {"tls_crl", config.tls_crl ? &*config.tls_crl : nullptr},
      {"storage_graph_root", config.storage_graph_root ? &*config.storage_graph_root : nullptr},
      {"storage_run_root", config.storage_run_root ? &*config.storage_run_root : nullptr},
      {"storage_driver", &config.storage_driver},
      {"context_mount.host_prefix", mount ? &mount->host_prefix : nullptr},
      {"context_mount.guest_prefix", mount ? &mount->guest_prefix : nullptr},
      {"keeper_path", &options.keeper_path}};
  for (const auto& [name, value] : settings) {
    if (!value) continue;
    if (auto checked = CheckNoNul(name, *value); !checked) return checked;
  }
  for (const std::string& variable : environment.Strings()) {
    if (variable.find('\0') == variable.npos) continue;
    // Without the value, which may be a secret.
    return Fail(ErrorKind::config_invalid, "the environment variable {} contains a NUL byte",
                PathText(variable.substr(0, variable.find('='))));
  }
  return {};
}

Result<void> CheckRestarts(const RestartLimits& restarts) {
  for (const auto& [name, pause] : {std::pair{"first_pause", restarts.first_pause},
                                    std::pair{"longest_pause", restarts.longest_pause},
                                    std::pair{"worked_after", restarts.worked_after}}) {
    if (pause.count() < 0) {
      return Fail(ErrorKind::config_invalid, "restarts.{} is {} ms: it must not be negative", name,
                  pause.count());
    }
  }
  return {};
}

Result<void> CheckOptions(const LifecycleOptions& options) {
  if (auto checked = CheckLimit("handshake_timeout", options.handshake_timeout); !checked) {
    return checked;
  }
  if (auto checked = CheckLimit("connect_timeout", options.connect_timeout); !checked) {
    return checked;
  }
  if (auto checked = CheckLimit("rpc_timeout", options.rpc_timeout); !checked) return checked;
  // A grace of 0 is valid: SIGKILL follows SIGTERM at once.
  if (options.grace.count() < 0) {
    return Fail(ErrorKind::config_invalid, "grace is {} ms: it must not be negative",
                options.grace.count());
  }
  return CheckRestarts(options.restarts);
}

Result<void> CheckConfig(const SidecarConfig& config) {
  if (config.idle_secs < 0) {
    return Fail(ErrorKind::config_invalid, "idle_secs is {}: it must be 0 (never) or more",
                config.idle_secs);
  }
  for (const auto& [name, value] :
       {std::pair{"addr", config.addr}, std::pair{"tls_dir", config.tls_dir},
        std::pair{"tls_crl", config.tls_crl},
        std::pair{"storage_graph_root", config.storage_graph_root},
        std::pair{"storage_run_root", config.storage_run_root}}) {
    if (auto checked = CheckNotEmpty(name, value); !checked) return checked;
  }
  if (config.storage_driver.empty()) {
    return Fail(ErrorKind::config_invalid, "storage_driver is empty: the default is vfs");
  }
  if (config.context_mount && (!config.context_mount->host_prefix.starts_with('/') ||
                               !config.context_mount->guest_prefix.starts_with('/'))) {
    return Fail(
        ErrorKind::config_invalid, "context_mount is \"{}\" to \"{}\": both must be absolute paths",
        PathText(config.context_mount->host_prefix), PathText(config.context_mount->guest_prefix));
  }
  if (config.context_mount && !IsUtf8(config.context_mount->guest_prefix)) {
    return Fail(ErrorKind::config_invalid,
                "context_mount.guest_prefix is \"{}\": it is not UTF-8, as every path in a request "
                "must be",
                PathText(config.context_mount->guest_prefix));
  }
  return {};
}

}  // namespace

Result<ResolvedConfig> ResolveConfig(const SidecarConfig& config, const LifecycleOptions& options,
                                     const Environment& environment) {
  if (auto checked = CheckOptions(options); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  if (auto checked = CheckNoNulAnywhere(config, options, environment); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  if (auto checked = CheckConfig(config); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  if (auto checked = CheckDaemonArguments(config); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  ResolvedConfig resolved;
  if (config.addr) {
    auto address = ParseAddress(*config.addr);
    if (!address) {
      return Fail(ErrorKind::config_invalid, "addr is \"{}\": {}", PathText(*config.addr),
                  address.error());
    }
    resolved.addr = std::move(*address);
  }
  auto data_dir = DataDir(environment);
  if (!data_dir) return tl::unexpected(std::move(data_dir.error()));
  resolved.data_dir = *data_dir;
  resolved.tls_dir = config.tls_dir.value_or(*data_dir + "/buildd");
  resolved.tls_crl = config.tls_crl;
  resolved.idle_secs = config.idle_secs;
  resolved.storage_graph_root =
      config.storage_graph_root.value_or(*data_dir + "/buildd/storage/graph");
  resolved.storage_run_root = config.storage_run_root.value_or(*data_dir + "/buildd/storage/run");
  resolved.storage_driver = config.storage_driver;
  resolved.max_concurrent = config.max_concurrent;
  resolved.log_level = config.log_level;
  resolved.arguments = config.arguments;
  return resolved;
}

}  // namespace zlayer::sidecar
