// The TLS set of a start: the one that is there, or a new one.

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lifecycle/src/credentials/tls_set.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Who else uses the set.
enum class TlsPeer {
  spawned,  // a sidecar that gets its files by flags: any defect is mended by a new set
  remote    // a sidecar that has read them already: made when there is none, never changed
};

struct TlsMaterial {
  TlsSet set;
  /// What was wrong with the set that was replaced; empty when none was.
  std::string replaced;
};

/// The set of `directory` as it lies there, for a sidecar that may start with it while
/// EnsureTlsMaterial reads and verifies it, and must end if that finds fault. Empty when there is
/// no whole set, or others may have a hand in it.
std::optional<TlsPaths> TlsSetOnTrial(const std::string& directory);

/// The set of `directory`, verified. Any number of processes may call this at once, and be killed:
/// see publish_set.h. ErrorKind::tls_material is one line that names the file and the reason; it
/// leaves the directory's set as it was. `before_replacing` is called when there is no good set,
/// before the wait for others who may be making one.
Result<TlsMaterial> EnsureTlsMaterial(const std::string& directory, TlsPeer peer,
                                      const std::function<void()>& before_replacing = {});

}  // namespace zlayer::sidecar
