// A shared object that is a host: see plugin_test.cc.

#include <string>

#include "zlayer/sidecar/sidecar_lifecycle.h"

/// Starts and stops a sidecar. Returns the message of the error; empty: it worked.
extern "C" __attribute__((visibility("default"))) const char* StartAndStop(const char* binary,
                                                                           const char* data_dir) {
  static std::string message;
  zlayer::sidecar::LifecycleOptions options;
  options.environment = zlayer::sidecar::Environment::OfThisProcess();
  options.environment->Set("ZLAYER_BUILDD_BIN", binary);
  options.environment->Set("ZLAYER_DATA_DIR", data_dir);
  zlayer::sidecar::SidecarLifecycle lifecycle({}, options);
  const auto live = lifecycle.Ensure();
  message = live ? "" : live.error().message;
  return message.c_str();
}
