// A client that is a program which speaks the adapter's protocol.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scenarios/runner/clients/client.h"

namespace zlayer::scenarios {

/// `command` is a program's path and its arguments. The program starts when the client is
/// configured, in the scenario's environment, with the directories of this process's $PATH after
/// the scenario's: an interpreter needs them.
std::unique_ptr<Client> MakeAdapterClient(std::vector<std::string> command);

/// The environment of an adapter in a scenario.
std::map<std::string, std::string> AdapterEnvironment(const ClientSetup& setup);

}  // namespace zlayer::scenarios
