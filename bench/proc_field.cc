#include "proc_field.h"

#include <cstdlib>
#include <fstream>

namespace zlayer::bench {

long ProcField(const std::string& file, std::string_view name) {
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return std::strtol(line.c_str() + name.size() + 1, nullptr, 10);
    }
  }
  return -1;
}

}  // namespace zlayer::bench
