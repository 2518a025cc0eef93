// The protocol between this library and the keeper of a sidecar: arguments, descriptors, messages.
//
//   zlayer-buildd-keeper-3 3 5000 4711                        the sidecar runs already, as pid 4711
//   zlayer-buildd-keeper-3 3 5000 0 /usr/bin/buildd --bind..  the keeper starts it: path, arguments
//
// The arguments are the version of this protocol, the grace in milliseconds, and the sidecar's pid.
// The keeper starts with the sidecar's environment, the sidecar's stdin, stdout and stderr, and the
// four descriptors below. Every signal may be blocked. Messages go over a SOCK_SEQPACKET socket
// pair, one struct each. Only the host has the other end of the pair: if it closes, the host has
// ended. The keeper then sends the sidecar's group SIGTERM and kills it after the grace.

#pragma once

#include <cstdint>

namespace zlayer::sidecar {

/// Change it with any change of this file. It is the only definition of the version: the name of
/// the keeper's file ends with it (lifecycle/keeper/CMakeLists.txt reads this line), so a library
/// does not find the keeper of another version after an upgrade. A keeper that is given another
/// version than its own kills the sidecar and reports other_version.
inline constexpr char kKeeperVersion[] = "3";

/// The name of the keeper's file, without the version.
inline constexpr char kKeeperNameBegin[] = "zlayer-buildd-keeper-";

/// Stands in the place of the sidecar's pid: the keeper has to start the sidecar itself.
inline constexpr char kNotStartedYet[] = "0";

inline constexpr int kKeeperControl = 3;  // the keeper's end of the socket pair
inline constexpr int kKeeperHost = 4;     // pidfd of the host
/// The host's ends of the sidecar's stdout and stderr, non-blocking. The keeper reads from them
/// only after the host's death. Without a reader, the first line that a sidecar logs while it stops
/// would end it by SIGPIPE.
inline constexpr int kKeeperReads[] = {5, 6};

/// From the host: send `signal` to the sidecar's process group. SIGKILL means more: end the
/// sidecar, everything that it started, and then the keeper itself.
struct ToKeeper {
  std::int32_t signal;
};

/// To the host: started, and later ended; or not_started or other_version, and nothing more. The
/// values of `kind` stay the same in every version, so that other_version is understood.
struct FromKeeper {
  enum Kind : std::int32_t {
    started,        // the keeper watches the sidecar; value: its pid in the keeper's namespace;
                    // with a pidfd of the sidecar (SCM_RIGHTS), if the keeper can make one
    not_started,    // value: errno of what failed
    other_version,  // value: unused
    ended,          // the sidecar has ended, and the keeper has killed what was left;
                    // value: status or signal; how: CLD_EXITED, CLD_KILLED or CLD_DUMPED
  };
  std::int32_t kind;
  std::int32_t value;
  std::int32_t how;
};

}  // namespace zlayer::sidecar
