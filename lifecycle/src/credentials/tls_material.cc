#include "lifecycle/src/credentials/tls_material.h"

#include <chrono>

#include "lifecycle/src/base/make_error.h"
#include "lifecycle/src/base/private_directory.h"
#include "lifecycle/src/credentials/find_tls_defect.h"
#include "lifecycle/src/credentials/mint_certificates.h"
#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/publish_set.h"
#include "lifecycle/src/credentials/read_pem_file.h"
#include "lifecycle/src/text/path_text.h"

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
    return tl::unexpected(DefectOf(TlsDefect::Kind::unusable, directory,
                                   "an earlier replacement of its set was interrupted"));
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

/// With the lock held.
Result<TlsMaterial> Replace(const std::string& directory, const Snapshot& seen) {
  MintedCertificates minted = MintCertificates();
  if (!minted.leaf_key) {
    return Fail(ErrorKind::tls_material, "{}: cannot make certificates: {}", PathText(directory),
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
  if (!CheckDirectoryIsOurs(directory, ErrorKind::tls_material)) return std::nullopt;
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
                                      const LockLimit& limit,
                                      const std::function<void()>& before_replacing) {
  // Comes before any file of the directory is trusted.
  if (auto checked = CheckDirectoryIsOurs(directory, ErrorKind::tls_material); !checked) {
    return tl::unexpected(std::move(checked.error()));
  }
  Snapshot seen = TakeSnapshot(directory, peer);
  if (!MayReplace(seen, peer)) return ToResult(std::move(seen), peer);
  if (before_replacing) before_replacing();
  if (auto made = CreatePrivateDirectory(directory, ErrorKind::tls_material); !made) {
    return tl::unexpected(std::move(made.error()));
  }
  const auto lock = LockTlsDirectory(directory, limit);
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
