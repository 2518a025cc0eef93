// Makes and removes the directories <tls_dir>/.sets/<id>, one for each set.

#pragma once

#include <string>
#include <vector>

#include "lifecycle/src/credentials/pem_text.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// Writes a new set directory and returns its path below `tls_directory`, .sets/<id>; the id is
/// `prefix` and random digits. The directory has mode 0700 and its files are created with 0600,
/// whatever the umask. All of it is synchronised to the disk before this returns. No link leads to
/// it yet.
Result<std::string> WriteSetDirectory(const std::string& tls_directory, const std::string& prefix,
                                      const PemSet& set);

/// Removes everything below .sets except the sets of `kept`: older sets, and sets that a writer
/// left unfinished when it died. What cannot be removed stays until the next call.
void RemoveOtherSets(const std::string& tls_directory, const std::vector<std::string>& kept);

/// fsync(2) of the directory: entries that were made, renamed or removed are then on the disk.
Result<void> SyncDirectory(const std::string& path);

}  // namespace zlayer::sidecar
