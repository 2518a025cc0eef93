#include "scenarios/runner/process/temp_directory.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace zlayer::scenarios {

tl::expected<TempDirectory, std::string> TempDirectory::Make() {
  const char* parent = std::getenv("TMPDIR");
  if (parent == nullptr || *parent == '\0') parent = "/tmp";
  std::string path = std::string(parent) + "/zlayer-scenario-XXXXXX";
  if (mkdtemp(path.data()) == nullptr) {
    return tl::unexpected(path + ": cannot be made: " + std::strerror(errno));
  }
  return TempDirectory(std::move(path));
}

TempDirectory::TempDirectory(TempDirectory&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}

TempDirectory& TempDirectory::operator=(TempDirectory&& other) noexcept {
  std::swap(path_, other.path_);
  return *this;
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;  // a destructor has nobody to report it to
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

}  // namespace zlayer::scenarios
