#include "lifecycle/src/credentials/tls_material.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/private_directory.h"
#include "lifecycle/src/base/unique_fd.h"
#include "lifecycle/src/credentials/find_tls_defect.h"
#include "lifecycle/src/credentials/mint_certificates.h"
#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/publish_set.h"
#include "lifecycle/src/credentials/read_pem_file.h"

namespace zlayer::sidecar {
namespace {

/// A set of a sidecar that we start is replaced when it expires within this time. TLS checks the
/// dates once per connection, and a sidecar that is started now may be dialled for as long as it
/// runs. A day covers the longest build, and a clock in the wrong time zone.
constexpr std::chrono::hours kRenewBefore{24};

/// A reader holds no lock. It reads the set again when the links have changed since it read them,
/// so often at most; after that it takes what it has.
constexpr int kMostReads = 3;

/// The links, and the set or the defect that was read through them.
struct Snapshot {
  TlsLayout layout;
  Inspected<TlsSet> set;
};

Inspected<TlsSet> LoadGoodSet(const std::string& directory, const TlsLayout& layout, TlsPeer peer) {
  auto set = LoadTlsSet(TlsPathsIn(SetDirectory(directory, layout)));
  if (!set) return set;
  const bool ours = peer == TlsPeer::spawned;
  // The set of a remote sidecar cannot be renewed from here, so it is used until it expires.
  const std::chrono::seconds margin = ours ? kRenewBefore : std::chrono::hours(0);
  if (auto defect = FindTlsDefect(*set, margin)) return tl::unexpected(std::move(*defect));
  if (ours && layout.half_replaced()) {
    return tl::unexpected(
        TlsDefect{TlsDefect::Kind::unusable,
                  directory + ": an earlier replacement of its set was interrupted"});
  }
  return set;
}

Snapshot TakeSnapshot(const std::string& directory, TlsPeer peer) {
  TlsLayout layout = ReadTlsLayout(directory);
  for (int reads = 1;; ++reads) {
    auto set = LoadGoodSet(directory, layout, peer);
    TlsLayout after = ReadTlsLayout(directory);
    if (after == layout || reads == kMostReads) return {std::move(after), std::move(set)};
    layout = std::move(after);
  }
}

/// Whether the directory needs a new set and may get one. A remote sidecar cannot have read a set
/// that was never complete: such a set may be made or completed.
bool MayReplace(const Snapshot& seen, TlsPeer peer) {
  if (seen.set || seen.set.error().kind == TlsDefect::Kind::refused) return false;
  return peer == TlsPeer::spawned || seen.layout.nothing() || seen.layout.half_linked();
}

/// The set, or the error that names its defect.
Result<TlsMaterial> ToResult(Snapshot seen, TlsPeer peer) {
  if (seen.set) return TlsMaterial{std::move(*seen.set), ""};
  return Fail(ErrorKind::tls_material, "{}{}", seen.set.error().message,
              peer == TlsPeer::remote ? " (the remote sidecar's set is not replaced)" : "");
}

/// Comes before any file of the directory is trusted: who owns a directory, or can write to it, can
/// replace what is in it. Makes the directory private for a sidecar that we start.
Result<void> CheckDirectory(const std::string& directory, TlsPeer peer) {
  struct stat status {};
  // A missing directory is made later, by CreatePrivateDirectory, which reports other errors, too.
  if (::stat(directory.c_str(), &status) != 0) return {};
  if (!IsTrustedOwner(status.st_uid)) {
    return Fail(ErrorKind::tls_material,
                "{}: it belongs to another user (uid {}), who can replace what is in it", directory,
                status.st_uid);
  }
  const bool open_to_others = (status.st_mode & 077) != 0;
  if (peer == TlsPeer::remote || !S_ISDIR(status.st_mode) || !open_to_others) return {};
  if (::chmod(directory.c_str(), 0700) == 0) return {};
  return Fail(ErrorKind::tls_material, "{}: it cannot be made private: {}", directory,
              ErrnoText(errno));
}

/// Waits without a limit. The lock is held until the descriptor is closed, so the kernel releases
/// that of a process that is killed.
Result<UniqueFd> Lock(const std::string& directory) {
  const std::string path = directory + "/.lock";
  UniqueFd lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  int locked = -1;
  if (lock) {
    do {
      locked = ::flock(lock.get(), LOCK_EX);
    } while (locked != 0 && errno == EINTR);
  }
  if (locked != 0) {
    return Fail(ErrorKind::tls_material, "cannot lock {}: {}", path, ErrnoText(errno));
  }
  return lock;
}

/// With the lock held.
Result<TlsMaterial> Replace(const std::string& directory, const Snapshot& seen) {
  MintedCertificates minted = MintCertificates();
  if (!minted.leaf_key) {
    return Fail(ErrorKind::tls_material, "{}: cannot make certificates: {}", directory,
                TakeOpensslError());
  }
  auto paths = PublishSet(
      directory, {PemOf(minted.ca.get()), PemOf(minted.leaf.get()), PemOf(minted.leaf_key.get())});
  const std::string reason = seen.layout.nothing() ? "" : seen.set.error().message;
  if (!paths) {
    if (!reason.empty()) paths.error().message += "; a new set is needed because of " + reason;
    return tl::unexpected(std::move(paths.error()));
  }
  TlsMaterial made{{std::move(*paths), {}, {}, std::move(minted.leaf_key)}, reason};
  made.set.authorities.push_back(std::move(minted.ca));
  made.set.chain.push_back(std::move(minted.leaf));
  return made;
}

}  // namespace

std::optional<TlsPaths> TlsSetOnTrial(const std::string& directory) {
  if (!CheckDirectory(directory, TlsPeer::spawned)) return std::nullopt;
  const TlsLayout layout = ReadTlsLayout(directory);
  if (layout.absent > 0 || layout.half_replaced()) return std::nullopt;
  TlsPaths paths = TlsPathsIn(SetDirectory(directory, layout));
  const bool only_ours = CheckPemFile(paths.ca, PemSecrecy::open) &&
                         CheckPemFile(paths.cert, PemSecrecy::open) &&
                         CheckPemFile(paths.key, PemSecrecy::secret);
  if (!only_ours) return std::nullopt;
  return paths;
}

Result<TlsMaterial> EnsureTlsMaterial(const std::string& directory, TlsPeer peer,
                                      const std::function<void()>& before_replacing) {
  if (auto checked = CheckDirectory(directory, peer); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  Snapshot seen = TakeSnapshot(directory, peer);
  if (!MayReplace(seen, peer)) return ToResult(std::move(seen), peer);
  if (before_replacing) before_replacing();
  if (auto made = CreatePrivateDirectory(directory, ErrorKind::tls_material); !made) {
    return tl::unexpected(std::move(made.error()));
  }
  const auto lock = Lock(directory);
  if (!lock) return tl::unexpected(lock.error());
  if (ReadTlsLayout(directory).half_linked()) {
    if (auto finished = LinkNames(directory); !finished) {
      return tl::unexpected(std::move(finished.error()));
    }
  }
  seen = TakeSnapshot(directory, peer);  // another process may have made a set before us
  if (!MayReplace(seen, peer)) return ToResult(std::move(seen), peer);
  return Replace(directory, seen);
}

}  // namespace zlayer::sidecar
