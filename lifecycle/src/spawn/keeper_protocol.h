// What the library and the keeper of a sidecar say to each other: one struct a message, on a
// SOCK_SEQPACKET pair.
//
// The keeper's arguments are kKeeperVersion and the program's pid, or kNotStartedYet and the
// program's path and arguments. It has the program's environment and standard descriptors, and
// those below; every signal may be blocked. The pair's other end is in the hands of the host alone:
// when it closes, the host is gone.

#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace zlayer::sidecar {

/// Both sides are built together; a keeper of another version is refused.
inline constexpr char kKeeperVersion[] = "2";

/// In place of the program's pid: the keeper starts it.
inline constexpr char kNotStartedYet[] = "0";

inline constexpr int kKeeperControl = 3;  // the keeper's end of the pair
inline constexpr int kKeeperHost = 4;     // pidfd of the host

/// To the keeper: send `signal` to the program's process group.
struct ToKeeper {
  std::int32_t signal;
};

struct FromKeeper {
  enum Kind : std::int32_t {
    started,        // the program is guarded; value: its pid as the keeper sees it
    not_started,    // value: errno of what failed
    other_version,  // value: unused
    ended,          // value: status or signal; how: CLD_EXITED, CLD_KILLED or CLD_DUMPED
  };
  std::int32_t kind;
  std::int32_t value;
  std::int32_t how;
};

/// Whether there was a report. Does not wait.
inline bool Receive(int control, FromKeeper* report) {
  ssize_t got = ::recv(control, report, sizeof *report, MSG_DONTWAIT);
  // An order that the keeper had no time to read comes back as this error, once, before its report.
  if (got < 0 && errno == ECONNRESET) {
    got = ::recv(control, report, sizeof *report, MSG_DONTWAIT);
  }
  return got == sizeof *report;
}

}  // namespace zlayer::sidecar
