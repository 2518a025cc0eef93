#include "scenarios/runner/clients/embedded_client.h"
#include "scenarios/runner/clients/serve_client.h"
#include "tools/buildd_harness.h"

namespace zlayer::tools {

int AdapterCommand() {
  return scenarios::ServeClient({"zlayer-sidecar", ZLAYER_VERSION},
                                scenarios::MakeEmbeddedClient());
}

}  // namespace zlayer::tools
