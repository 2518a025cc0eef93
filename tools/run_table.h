// Prints the results of a run, one line each, on a terminal or into a file.

#pragma once

#include <cstddef>
#include <set>
#include <string>

#include "scenarios/runner/run/run_catalog.h"
#include "tools/terminal.h"

namespace zlayer::tools {

class RunTable {
 public:
  explicit RunTable(const std::vector<const scenarios::CatalogEntry*>& chosen);

  void Suite(const std::string& name);
  void Start(const std::string& name);
  void Result(const scenarios::ScenarioResult& result);
  void Totals(const scenarios::RunResult& run);

 private:
  std::string Coloured(scenarios::Status status, std::string_view text) const;
  void ShowProgress();

  size_t count_;
  Terminal terminal_;
  size_t width_ = 0;  // of the longest name
  size_t done_ = 0;
  std::string last_started_;
  bool first_ = true;
};

}  // namespace zlayer::tools
