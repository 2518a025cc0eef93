#include "lifecycle/src/credentials/publish_set.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <vector>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/credentials/read_pem_file.h"
#include "lifecycle/src/credentials/set_directory.h"
#include "lifecycle/src/text/path_text.h"

namespace zlayer::sidecar {
namespace {

tl::unexpected<LifecycleError> CannotReplace(const std::string& path) {
  return Fail(ErrorKind::tls_material, "{}: it cannot be replaced: {}", PathText(path),
              ErrnoText(errno));
}

/// Replaces whatever `path` is by a link, with one rename(2), so that the name is never missing.
/// The lock is held, so a link with the temporary name was left by a writer that died.
Result<void> PutLink(const std::string& target, const std::string& path) {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  if (::symlink(target.c_str(), temporary.c_str()) != 0 ||
      ::rename(temporary.c_str(), path.c_str()) != 0) {
    return CannotReplace(path);
  }
  return {};
}

Result<void> SetCurrent(const std::string& directory, const std::string& set) {
  auto done = PutLink(set, directory + "/" + kCurrentLink);
  return done ? SyncDirectory(directory) : done;
}

/// The replaced set stays on the disk for a while. Others could read its key; now they cannot.
void MakeKeyPrivate(const std::string& set_directory) {
  ::fchmodat(AT_FDCWD, TlsPathsIn(set_directory).key.c_str(), 0600, AT_SYMLINK_NOFOLLOW);
}

/// The content of a plain file that is to be replaced. When it cannot be read, removes the file and
/// returns nullopt. Error: the file is refused or cannot be removed, and stays.
Result<std::optional<PemText>> TakeOldFile(const std::string& path) {
  auto text = ReadPemFile(path, PemSecrecy::unchecked);
  if (text) return std::move(*text);
  if (text.error().kind == TlsDefect::Kind::refused) {
    return tl::unexpected(
        LifecycleError{ErrorKind::tls_material, text.error().message, {}, {}, {}});
  }
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) return CannotReplace(path);
  return std::nullopt;
}

/// Prepares plain files for the switch of .current: copies them to .sets/old-<id>, lets .current
/// lead to the copy, and makes the three names links. The names show the same content all the time.
/// If a file is missing or cannot be read, nothing is copied and that name is missing afterwards:
/// LinkNames then makes it last.
Result<void> PutPlainFilesBehindCurrent(const std::string& directory) {
  const TlsPaths names = TlsPathsIn(directory);
  auto ca = TakeOldFile(names.ca);
  if (!ca) return tl::unexpected(std::move(ca.error()));
  auto cert = TakeOldFile(names.cert);
  if (!cert) return tl::unexpected(std::move(cert.error()));
  auto key = TakeOldFile(names.key);
  if (!key) return tl::unexpected(std::move(key.error()));
  if (!*ca || !*cert || !*key) return {};
  const PemSet old{std::move(**ca), std::move(**cert), std::move(**key)};
  const auto copy = WriteSetDirectory(directory, kCopyPrefix, old);
  if (!copy) return tl::unexpected(copy.error());
  auto done = SetCurrent(directory, *copy);
  return done ? LinkNames(directory) : done;
}

}  // namespace

Result<TlsPaths> PublishSet(const std::string& directory, const PemSet& set) {
  if (!ReadTlsLayout(directory).linked()) {
    auto prepared = PutPlainFilesBehindCurrent(directory);
    if (!prepared) return tl::unexpected(std::move(prepared.error()));
  }
  const std::string previous = ReadTlsLayout(directory).current;
  const auto fresh = WriteSetDirectory(directory, "", set);
  if (!fresh) return tl::unexpected(fresh.error());
  auto done = SetCurrent(directory, *fresh);
  // From here on the new set is in use. So the old key is made private at once, and names that are
  // links already are left alone: a step that is not made cannot fail.
  const TlsLayout now = ReadTlsLayout(directory);
  const bool switched = now.current == *fresh;
  if (switched && !previous.empty()) MakeKeyPrivate(directory + "/" + previous);
  if (done && !now.linked()) done = LinkNames(directory);
  if (!done) return tl::unexpected(std::move(done.error()));
  RemoveOtherSets(directory, {*fresh, previous});
  return TlsPathsIn(directory + "/" + *fresh);
}

Result<void> LinkNames(const std::string& directory) {
  std::vector<std::string> present;
  std::vector<std::string> missing;
  for (const char* name : kTlsFileNames) {
    const std::string path = directory + "/" + name;
    (::access(path.c_str(), F_OK) == 0 ? present : missing).emplace_back(name);
  }
  for (const auto* names : {&present, &missing}) {
    for (const std::string& name : *names) {
      auto linked = PutLink(TlsLinkTarget(name), directory + "/" + name);
      if (!linked) return linked;
    }
  }
  return SyncDirectory(directory);
}

}  // namespace zlayer::sidecar
