// The protocol between this library and the keeper of a sidecar: arguments, descriptors, messages.
//
//   zlayer-buildd-keeper 2 4711                        the sidecar runs already, its pid is 4711
//   zlayer-buildd-keeper 2 0 /usr/bin/buildd --bind..  the keeper starts it: path and arguments
//
// The keeper starts with the sidecar's environment, the sidecar's stdin, stdout and stderr, and the
// two descriptors below. Every signal may be blocked. Messages go over a SOCK_SEQPACKET socket
// pair, one struct each. Only the host has the other end of the pair: if it closes, the host has
// ended or has given the sidecar up, and the keeper kills the sidecar.

#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace zlayer::sidecar {

/// Library and keeper are built together. The keeper compares the version with its own, kills the
/// sidecar if they differ, and reports other_version. Change it with any change of this file.
inline constexpr char kKeeperVersion[] = "2";

/// Stands in the place of the sidecar's pid: the keeper has to start the sidecar itself.
inline constexpr char kNotStartedYet[] = "0";

inline constexpr int kKeeperControl = 3;  // the keeper's end of the socket pair
inline constexpr int kKeeperHost = 4;     // pidfd of the host

/// From the host: send `signal` to the sidecar's process group.
struct ToKeeper {
  std::int32_t signal;
};

/// To the host: started, and later ended; or not_started or other_version, and nothing more.
struct FromKeeper {
  enum Kind : std::int32_t {
    started,        // the keeper watches the sidecar; value: its pid in the keeper's namespace
    not_started,    // value: errno of what failed
    other_version,  // value: unused
    ended,          // the sidecar has ended, and the keeper has killed what was left;
                    // value: status or signal; how: CLD_EXITED, CLD_KILLED or CLD_DUMPED
  };
  std::int32_t kind;
  std::int32_t value;
  std::int32_t how;
};

/// Receives a message of the keeper. False: there is none. Does not wait.
inline bool Receive(int control, FromKeeper* report) {
  ssize_t got = ::recv(control, report, sizeof *report, MSG_DONTWAIT);
  // If the keeper ended with a request of ours unread, the socket reports this error once; the
  // keeper's last message can be received after it.
  if (got < 0 && errno == ECONNRESET) {
    got = ::recv(control, report, sizeof *report, MSG_DONTWAIT);
  }
  return got == sizeof *report;
}

}  // namespace zlayer::sidecar
