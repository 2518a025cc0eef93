// The other side of the adapter's protocol: a client of ours as a program.

#pragma once

#include <string>

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

/// What the program calls itself.
struct AdapterIdentity {
  std::string name;
  std::string version;
};

/// Serves `client` over stdin and stdout until stdin ends; its log goes to stderr. The program's
/// exit status: 0, or 1 after a line that is no request.
int ServeClient(const AdapterIdentity& identity, std::unique_ptr<Client> client);

}  // namespace zlayer::scenarios
