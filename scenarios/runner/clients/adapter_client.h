// A client that is a program and speaks proto/adapter.proto (level 1).

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

/// `command` is the program's path and arguments. Client::Configure starts the program, in the
/// environment that AdapterEnvironment returns.
std::unique_ptr<Client> MakeAdapterClient(std::vector<std::string> command);

/// The environment of the scenario. The directories of this process's $PATH follow the scenario's
/// own in PATH, so that scripts find their interpreter.
std::map<std::string, std::string> AdapterEnvironment(const ClientSetup& setup);

}  // namespace zlayer::scenarios
