// The subcommands of buildd-harness. Each returns the program's exit status.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace zlayer::tools {

inline constexpr int kPassed = 0;
inline constexpr int kFailed = 1;
inline constexpr int kBadInput = 2;

struct RunOptions {
  std::vector<std::string> names;  // suites or scenarios; empty: all
  std::string filter;              // with * and ?; empty: all
  bool exact = false;              // names are whole names of scenarios
  std::string junit;               // file to write; empty: none
  std::string catalog;             // directory to read; empty: the one compiled in
  std::string fake;                // empty: beside this program
  double timeout_scale = 1;        // limits of the scenarios are so many times as long
};

struct UpOptions {
  std::string binary;  // empty: discovered
  std::string addr;    // empty: $ZLAYER_BUILDD_ADDR, else the sidecar is started
  std::string data_dir;
  std::string tls_dir;
  long idle_secs = 30;
};

int RunCommand(const RunOptions& options);
int ListCommand(const RunOptions& options);
int ShowCommand(const std::string& catalog, const std::string& name);
int UpCommand(const UpOptions& options);

/// Prints "buildd-harness: <what>" on stderr and returns kBadInput.
int BadInput(std::string_view what);

}  // namespace zlayer::tools
