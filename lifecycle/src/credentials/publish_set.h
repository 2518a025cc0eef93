// Puts a new set in the place of whatever a TLS directory holds, so that a writer that is killed
// between any two system calls leaves the old set or the new one.

#pragma once

#include <string>

#include "lifecycle/src/credentials/pem_text.h"
#include "lifecycle/src/credentials/tls_layout.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Returns the paths of the new set's own files. The directory's lock must be held. The set that
/// was in use until now stays readable below .sets until the next call: a sidecar that was just
/// started may not have read it yet. ErrorKind::tls_material names the file and the reason.
Result<TlsPaths> PublishSet(const std::string& directory, const PemSet& set);

/// Makes the names that are not links into .current such links: first those that are there, then
/// those that are missing, so that a half of one set and a half of another never look complete.
Result<void> LinkNames(const std::string& directory);

}  // namespace zlayer::sidecar
