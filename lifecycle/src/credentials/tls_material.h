// Gives a start the TLS set of its directory, or a new one: the entry to this room. Read
// tls_layout.h next.
//
// A set is three PEM files: ca.pem, cert.pem and key.pem. EnsureTlsMaterial loads them (tls_set,
// read_pem_file, pem_text), looks for defects (find_tls_defect) and decides. To replace a set it
// takes the directory's lock (directory_lock), makes certificates (mint_certificates), writes them
// to a directory of their own (set_directory) and switches to that directory with one rename(2)
// (publish_set).
//
// Invariants: a process that is killed at any system call leaves the old set or the new one, and
// never files of both that look like a set. Only the holder of <tls_dir>/.lock replaces a set;
// readers take no lock. The set of a remote sidecar and the files of another user are never
// replaced.

#pragma once

#include <functional>
#include <optional>
#include <string>

#include "lifecycle/src/credentials/directory_lock.h"
#include "lifecycle/src/credentials/tls_set.h"
#include "zlayer/sidecar/error.h"

namespace zlayer::sidecar {

/// The sidecar that will use the set, too.
enum class TlsPeer {
  spawned,  // we start it and pass it the paths: its set is replaced when it is unusable
  remote    // it runs already and keeps its copy in memory, so a new set would only lock us out: a
            // set is made where there is none, and never replaced
};

struct TlsMaterial {
  TlsSet set;
  /// Why this call replaced a set: its defect, one line for a person with the file and the reason.
  /// Empty when it replaced none: the set was good, there was none, or another process was faster.
  std::string replaced;
};

/// The set on trial: the paths of the directory's set, with which the caller may start a sidecar
/// before EnsureTlsMaterial has verified it. If EnsureTlsMaterial then finds a defect, the caller
/// must kill that sidecar; `before_replacing` tells it in time.
///
/// Saves 0.8 ms of a cold start (`ColdEnsure` of bench_start; bench/COLD_START.md, "What was
/// tried"): 1.8 ms of work on certificates, TLS and gRPC is done while the daemon starts, and the
/// daemon's line comes 1 ms later for it. The simple way is EnsureTlsMaterial first and the spawn
/// after it, without this function.
///
/// Only owners, modes and links are checked. Empty when a file is missing, when another user owns
/// or can write one of them or the directory, when others can read the key, or when a replacement
/// was interrupted. No daemon may serve with such a set, not even for a moment.
std::optional<TlsPaths> TlsSetOnTrial(const std::string& directory);

/// The set of `directory`, verified, or a new one. Any number of processes may call this at once,
/// and any of them may be killed: see publish_set.h. It is called on the start's thread, and waits
/// for a process that holds the lock, until `limit` ends the wait. `before_replacing` is called
/// once it is known that there is no good set, before that wait.
///
/// A directory that exists keeps its mode; it must belong to us or root, and others must not be
/// able to write to it. Errors: tls_material, one line with the file and the reason; cancelled, as
/// by LockTlsDirectory. The directory is then as a kill could have left it.
Result<TlsMaterial> EnsureTlsMaterial(const std::string& directory, TlsPeer peer,
                                      const LockLimit& limit,
                                      const std::function<void()>& before_replacing = {});

}  // namespace zlayer::sidecar
