#include "lifecycle/src/config/discover.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/mounted_noexec.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

constexpr const char* kVariable = "ZLAYER_BUILDD_BIN";
constexpr const char* kName = "zlayer-buildd";
/// The list of tried paths ends after about so many bytes: $PATH can be as long as 128 KiB.
constexpr size_t kMostOfTheList = 8192;

std::vector<std::string> Candidates(const Environment& environment, const std::string& data_dir) {
  std::vector<std::string> paths;
  if (auto chosen = environment.Get(kVariable)) paths.push_back(*chosen);
  paths.push_back(data_dir + "/bin/" + kName);
  const std::string search_path = environment.Get("PATH").value_or("");
  for (size_t begin = 0; begin < search_path.size();) {
    const size_t end = std::min(search_path.find(':', begin), search_path.size());
    // Shells take an empty element for the current directory. Discovery skips it.
    if (end > begin) paths.push_back(search_path.substr(begin, end - begin) + "/" + kName);
    begin = end + 1;
  }
  return paths;
}

/// Why the effective user cannot execute `path`; empty if it can. Whether the kernel accepts the
/// file's content shows only when it is executed.
std::string WhyUnusable(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return ErrnoText(errno);
  if (S_ISDIR(status.st_mode)) return "is a directory";
  if (!S_ISREG(status.st_mode)) return "not a regular file";
  if (::faccessat(AT_FDCWD, path.c_str(), X_OK, AT_EACCESS) != 0) {
    return IsMountedNoexec(path) ? "on a file system mounted noexec" : "not executable";
  }
  return "";
}

}  // namespace

Result<std::string> DiscoverBinary(const Environment& environment, const std::string& data_dir) {
  std::string tried;
  size_t left_out = 0;
  for (const std::string& path : Candidates(environment, data_dir)) {
    const std::string reason = WhyUnusable(path);
    if (reason.empty()) return path;
    if (tried.size() < kMostOfTheList) {
      tried += fmt::format("{}{} ({})", tried.empty() ? "" : ", ", PathText(path), reason);
    } else {
      ++left_out;
    }
  }
  if (left_out > 0) tried += fmt::format(" and {} more", left_out);
  return Fail(ErrorKind::binary_not_found,
              "{} was not found; set {} to its path. Tried, in order: {}", kName, kVariable, tried);
}

}  // namespace zlayer::sidecar
