// The adapter's side of proto/adapter.proto, with a Client of ours behind it (buildd-harness
// adapter).

#pragma once

#include <string>

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

/// What the program answers to `hello`.
struct AdapterIdentity {
  std::string name;
  std::string version;
};

/// Serves `client` over stdin and stdout until stdin ends; the client's log goes to stderr. Returns
/// the program's exit status: 0, or 1 after a line that is not a request.
int ServeClient(const AdapterIdentity& identity, std::unique_ptr<Client> client);

}  // namespace zlayer::scenarios
