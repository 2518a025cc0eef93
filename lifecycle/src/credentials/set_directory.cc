#include "lifecycle/src/credentials/set_directory.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/private_directory.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/credentials/tls_layout.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

tl::unexpected<LifecycleError> CannotWrite(const std::string& path, int error) {
  return Fail(ErrorKind::tls_material, "{}: it cannot be written: {}", PathText(path),
              ErrnoText(error));
}

Result<void> Sync(int fd, const std::string& path) {
  // EINVAL: the file system has no fsync.
  if (::fsync(fd) == 0 || errno == EINVAL) return {};
  return CannotWrite(path, errno);
}

/// Makes one directory of ours below the TLS directory. A link is refused: RemoveOtherSets would
/// empty the directory to which it leads.
Result<void> MakePrivateDirectory(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && !S_ISDIR(status.st_mode)) {
    return CannotWrite(path, ENOTDIR);
  }
  return CreatePrivateDirectory(path, ErrorKind::tls_material);
}

Result<void> WriteFile(const std::string& path, std::string_view bytes) {
  const UniqueFd file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  // open(2) applies the umask, which may have removed permissions of the owner.
  if (!file || ::fchmod(file.get(), 0600) != 0) return CannotWrite(path, errno);
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return CannotWrite(path, errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return Sync(file.get(), path);
}

Result<std::string> NewId(const std::string& prefix) {
  std::array<unsigned char, 8> bytes;
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return Fail(ErrorKind::tls_material, "cannot make a random number: {}", TakeOpensslError());
  }
  return fmt::format("{}{:02x}", prefix, fmt::join(bytes, ""));
}

}  // namespace

Result<void> SyncDirectory(const std::string& path) {
  const UniqueFd directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return CannotWrite(path, errno);
  return Sync(directory.get(), path);
}

Result<std::string> WriteSetDirectory(const std::string& tls_directory, const std::string& prefix,
                                      const PemSet& set) {
  const std::string sets = tls_directory + "/" + kSetsDirectory;
  auto id = NewId(prefix);
  if (!id) return id;
  const std::string directory = sets + "/" + *id;
  const TlsPaths paths = TlsPathsIn(directory);
  auto done = MakePrivateDirectory(sets);
  if (done) done = MakePrivateDirectory(directory);
  if (done) done = WriteFile(paths.ca, set.ca.view());
  if (done) done = WriteFile(paths.cert, set.cert.view());
  if (done) done = WriteFile(paths.key, set.key.view());
  if (done) done = SyncDirectory(directory);
  if (done) done = SyncDirectory(sets);
  if (!done) {
    std::error_code ignored;  // the next set that is made removes what is left
    std::filesystem::remove_all(directory, ignored);
    return tl::unexpected(std::move(done.error()));
  }
  return std::string(kSetsDirectory) + "/" + *id;
}

void RemoveOtherSets(const std::string& tls_directory, const std::vector<std::string>& kept) {
  namespace fs = std::filesystem;
  std::error_code error;
  std::vector<fs::path> doomed;
  fs::directory_iterator entry(tls_directory + "/" + kSetsDirectory, error);
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string set = std::string(kSetsDirectory) + "/" + entry->path().filename().string();
    if (std::find(kept.begin(), kept.end(), set) == kept.end()) doomed.push_back(entry->path());
  }
  for (const fs::path& path : doomed) fs::remove_all(path, error);
}

}  // namespace zlayer::sidecar
