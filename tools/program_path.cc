#include "tools/program_path.h"

#include <unistd.h>

#include <filesystem>
#include <system_error>

namespace zlayer::tools {

bool IsProgram(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && access(path.c_str(), X_OK) == 0;
}

std::string BesideThisProgram(const std::string& name) {
  std::error_code error;
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
  return program.parent_path() / name;
}

}  // namespace zlayer::tools
