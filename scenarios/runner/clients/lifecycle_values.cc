#include "scenarios/runner/clients/lifecycle_values.h"

#include <fmt/format.h>

namespace zlayer::scenarios {

using std::chrono::milliseconds;

sidecar::SidecarConfig ToConfig(const v1::ClientSettings& settings) {
  sidecar::SidecarConfig config;
  if (settings.has_addr()) config.addr = settings.addr();
  if (settings.has_tls_dir()) config.tls_dir = settings.tls_dir();
  if (settings.has_tls_crl()) config.tls_crl = settings.tls_crl();
  if (settings.has_idle_secs()) config.idle_secs = settings.idle_secs();
  if (settings.has_storage_graph_root()) config.storage_graph_root = settings.storage_graph_root();
  if (settings.has_storage_run_root()) config.storage_run_root = settings.storage_run_root();
  if (settings.has_storage_driver()) config.storage_driver = settings.storage_driver();
  return config;
}

sidecar::LifecycleOptions ToOptions(const ClientSetup& setup) {
  const v1::ClientSettings& settings = setup.settings;
  sidecar::LifecycleOptions options;
  if (settings.has_handshake_timeout_ms()) {
    options.handshake_timeout = milliseconds(settings.handshake_timeout_ms());
  }
  if (settings.has_connect_timeout_ms()) {
    options.connect_timeout = milliseconds(settings.connect_timeout_ms());
  }
  if (settings.has_rpc_timeout_ms()) {
    options.rpc_timeout = milliseconds(settings.rpc_timeout_ms());
  }
  if (settings.has_grace_ms()) options.grace = milliseconds(settings.grace_ms());
  options.require_client_authentication = settings.require_client_authentication();
  options.environment.emplace();
  for (const auto& [name, value] : setup.environment) options.environment->Set(name, value);
  return options;
}

Observation FromError(const sidecar::LifecycleError& error) {
  Observation seen;
  seen.error = sidecar::ErrorKindName(error.kind);
  seen.message = error.message;
  seen.exit_code = error.exit_code;
  seen.signal = error.signal;
  seen.retryable = error.retryable;
  seen.stderr_tail = error.stderr_tail;
  return seen;
}

Observation FromLive(const sidecar::LiveSidecar& live) {
  Observation seen;
  seen.sidecar = fmt::format("pid {} at {}", live.pid().value_or(0), live.address());
  seen.stderr_tail = live.StderrTail();
  return seen;
}

Observation FromReport(const sidecar::StopReport& report) {
  Observation seen;
  seen.exit_code = report.exit_code;
  seen.signal = report.signal;
  seen.escalated = report.escalated;
  return seen;
}

}  // namespace zlayer::scenarios
