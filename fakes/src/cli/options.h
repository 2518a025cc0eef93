// The command line: the flags of the deployed daemon, and the commands of the fake.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// At most one command is set: ParseOptions() refuses two.
struct Options {
  DaemonFlags daemon;
  bool help = false;
  bool version = false;
  bool list_plans = false;
  bool list_faults = false;
  std::optional<std::string> print_plan;          ///< a preset's name
  std::optional<std::string> path;                ///< a preset's name
  std::optional<std::string> check;               ///< a plan's file
  std::optional<std::string> control;             ///< a socket's path
  std::string request;                            ///< for `control`
  std::optional<std::string> mint_tls;            ///< a directory
  std::optional<std::int64_t> mint_ends_in_secs;  ///< seconds from now; negative: expired
  bool mint_ed25519 = false;
};

/// Parses by the rules of Go (go_flags.h). Errors are bad input: an unknown flag (the message
/// suggests the nearest valid one), a value that is not valid, or two commands.
Result<Options> ParseOptions(int argc, const char* const* argv);

/// Every flag with its default, for `--help` and behind an error of ParseOptions().
std::string Usage();

}  // namespace zlayer::fakes::daemon
