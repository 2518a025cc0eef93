// The subcommands of buildd-harness. Each returns the program's exit status.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace zlayer::tools {

inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;
inline constexpr int kBadInput = 2;

/// The options that choose scenarios, and the catalogue that holds them.
struct Choice {
  std::vector<std::string> names;   // suites or scenarios; empty: all
  std::vector<std::string> suites;  // empty: all
  std::string filter;               // with * and ?; empty: all
  bool exact = false;               // names are whole names of scenarios
  bool slow = false;                // the suite "defaults", too, where nothing is named
  std::string shard;                // "i/n"; empty: all
  std::string catalog;              // directory to read; empty: the one compiled in
};

/// The options that hold for each scenario. Worker processes get the same.
struct RigOptions {
  std::string fake;            // empty: beside this program
  double timeout_scale = 1;    // limits of the scenarios are so many times as long
  std::string adapter;         // the client, as a command of level 1; empty: the embedded one
  std::string command;         // the client, as a command of level 0
  std::string can;             // what that command can do, separated by commas
  std::string known_failures;  // file; empty: none
  std::uint64_t seed = 0;      // for plans that name no seed; 0: the fake chooses one
};

struct RunOptions {
  Choice choice;
  RigOptions rig;
  unsigned jobs = 0;  // at once; 0: as many as there are processors
  unsigned repeat = 1;
  bool fail_fast = false;
  std::string junit;  // file to write; empty: none
  std::string json;   // file to write; empty: none
};

struct UpOptions {
  std::string binary;  // empty: discovered
  std::string addr;    // empty: $ZLAYER_BUILDD_ADDR, else the sidecar is started
  std::string data_dir;
  std::string tls_dir;
  long idle_secs = 30;
};

int RunCommand(const RunOptions& options);
int WorkerCommand(const RunOptions& options);
int AdapterCommand();
int ListCommand(Choice choice, bool coverage);
int ShowCommand(const std::string& catalog, const std::string& name);
int UpCommand(const UpOptions& options);

/// Prints "buildd-harness: <what>" on stderr and returns kBadInput.
int BadInput(std::string_view what);

}  // namespace zlayer::tools
