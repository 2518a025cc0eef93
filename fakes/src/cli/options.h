// The command line: the flags of the deployed daemon, and the commands of the fake.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/failure.h"

namespace zlayer::fakes::daemon {

/// At most one command is set: ParseOptions() refuses two.
struct Options {
  DaemonFlags daemon;
  std::string help;  ///< the text of --help, when it was given; else empty
  bool version = false;
  bool list_plans = false;
  bool list_faults = false;
  std::optional<std::string> print_plan;          ///< a preset's name
  std::optional<std::string> path;                ///< a preset's name
  std::optional<std::string> check;               ///< a plan's file
  std::vector<std::string> control;               ///< a socket's path and a request; or empty
  std::optional<std::string> mint_tls;            ///< a directory
  std::optional<std::int64_t> mint_ends_in_secs;  ///< seconds from now; negative: expired
  bool mint_ed25519 = false;
};

/// Errors are bad input: an unknown flag (the message suggests the nearest valid one), two
/// commands, or a value out of range.
Result<Options> ParseOptions(int argc, const char* const* argv);

}  // namespace zlayer::fakes::daemon
