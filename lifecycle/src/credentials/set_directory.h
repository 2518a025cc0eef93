// The directories <tls_dir>/.sets/<id>, one for each set.

#pragma once

#include <string>
#include <vector>

#include "lifecycle/src/credentials/pem_text.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Writes a new set directory of `tls_directory` and returns its name below that, .sets/<id>; the
/// id is `prefix` and random digits. The directory has mode 0700, its files are born with 0600, and
/// all of it is on the disk before this returns. Nothing leads to it yet.
Result<std::string> WriteSetDirectory(const std::string& tls_directory, const std::string& prefix,
                                      const PemSet& set);

/// Removes every set directory but those of `kept`, and what a writer that died left behind. What
/// cannot be removed stays until the next call.
void RemoveOtherSets(const std::string& tls_directory, const std::vector<std::string>& kept);

/// Flushes what was made, renamed or removed in a directory to the disk.
Result<void> SyncDirectory(const std::string& path);

}  // namespace zlayer::sidecar
