// A private directory that removes itself, with everything in it.

#pragma once

#include <string>
#include <tl/expected.hpp>

namespace zlayer::scenarios {

/// Move-only owner of a directory of mode 0700 under $TMPDIR (else /tmp).
class TempDirectory {
 public:
  static tl::expected<TempDirectory, std::string> Make();

  TempDirectory(TempDirectory&& other) noexcept;
  TempDirectory& operator=(TempDirectory&& other) noexcept;
  ~TempDirectory();

  const std::string& path() const { return path_; }

 private:
  explicit TempDirectory(std::string path) : path_(std::move(path)) {}

  std::string path_;  // empty: moved from
};

}  // namespace zlayer::scenarios
