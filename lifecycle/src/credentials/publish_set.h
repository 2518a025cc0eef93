// Replaces the set of a TLS directory by a new one. A writer that is killed between any two system
// calls leaves the old set or the new one: tls_material_crash_test kills it at each of them.
//
// In order: the new set is written to a directory of its own and synchronised to the disk; .current
// is switched to it by one rename(2); the three names become links; sets that nobody
// needs are removed. Plain files get a step before that: see PutPlainFilesBehindCurrent.

#pragma once

#include <string>

#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/tls_layout.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Returns the paths of the new set's own files, below .sets. The caller holds the directory's
/// lock. The set that was in use until now stays readable below .sets until the next call: a
/// sidecar that was just started may not have read it yet. Error: ErrorKind::tls_material, with the
/// file and the reason.
Result<TlsPaths> PublishSet(const std::string& directory, const PemSet& set);

/// Makes each of the three names a link into .current. Names that exist are replaced first, missing
/// ones are made last: until all plain files of an old set are gone a name is missing, so files of
/// two sets never look like a complete set. The caller holds the directory's lock.
Result<void> LinkNames(const std::string& directory);

}  // namespace zlayer::sidecar
