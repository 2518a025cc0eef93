// The C++ lifecycle library as a client, in this process.

#pragma once

#include <memory>

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

/// It declares every capability.
std::unique_ptr<Client> MakeEmbeddedClient();

}  // namespace zlayer::scenarios
