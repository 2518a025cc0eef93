// The command line: the daemon's flags, and a few words for people.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "fakes/src/failure.h"
#include "fakes/src/log.h"

namespace zlayer::fakes {

/// Flags of the deployed daemon.
struct DaemonFlags {
  std::string bind = "127.0.0.1:0";
  std::string tls_ca;
  std::string tls_cert;
  std::string tls_key;
  std::int64_t idle_secs = 30;  ///< 0: never
  std::string storage_root;
  std::string storage_runroot;
  std::string storage_driver = "vfs";
  std::uint32_t max_concurrent = 1;
  LogLevel log_level = LogLevel::info;
};

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

/// The daemon cannot do without its TLS flags.
Result<void> RequireTlsFlags(const DaemonFlags& flags);

}  // namespace zlayer::fakes
