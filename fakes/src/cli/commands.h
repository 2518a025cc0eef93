// The command line of the fake.
//
// options.h parses argv by the rules of Go (go_flags.h): the deployed daemon's flags, which clients
// pass, and the commands of the fake itself, such as `--list-plans` and `--mint-tls`. commands.h
// runs a command: it computes a text and starts nothing. fault_table.h makes the text of
// `--list-faults` (FAULTS.md) from the comments of fault_plan.proto, which commented_schema.h
// reads. At most one command is given; with none, main() calls Launch() of daemon/launch.h. Start
// reading at RunCommand().

#pragma once

#include <optional>

#include "fakes/src/base/failure.h"
#include "fakes/src/cli/options.h"

namespace zlayer::fakes::daemon {

/// Runs the command that `options` names and returns its output for stdout. Returns nullopt when
/// `options` names no command: the caller then starts the daemon.
Result<std::optional<std::string>> RunCommand(const Options& options);

}  // namespace zlayer::fakes::daemon
