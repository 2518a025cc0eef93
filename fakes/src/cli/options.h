// The command line: the daemon's flags, and a few words for people.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/base/daemon_flags.h"
#include "fakes/src/base/failure.h"

namespace zlayer::fakes {

struct Options {
  DaemonFlags daemon;
  std::string help;  ///< not empty: print it
  bool version = false;
  bool list_plans = false;
  bool list_faults = false;
  std::optional<std::string> print_plan;  ///< a preset's name
  std::optional<std::string> path;        ///< a preset's name
  std::optional<std::string> check;       ///< a plan's file
  std::optional<std::string> mint_tls;    ///< a directory
  std::optional<std::int64_t> mint_ends_in_secs;
  bool mint_ed25519 = false;
};

/// Errors are bad input: an unknown flag with the nearest name, a value that makes no sense.
Result<Options> ParseOptions(int argc, const char* const* argv);

}  // namespace zlayer::fakes
