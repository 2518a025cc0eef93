// What the library and the keeper of a sidecar say to each other: one struct a message, on a
// SOCK_SEQPACKET pair.
//
// The keeper's one argument is kKeeperVersion; its environment is the program's. Its descriptors
// are those below, and the program's standard ones. The pair's other end is in the hands of the
// host alone: when it closes, the host is gone.

#pragma once

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace zlayer::sidecar {

/// Both sides are built together; a keeper of another version is refused.
inline constexpr char kKeeperVersion[] = "1";

inline constexpr int kKeeperControl = 3;  // the keeper's end of the pair
inline constexpr int kKeeperHost = 4;     // pidfd of the host

struct ToKeeper {
  enum Kind : std::int32_t {
    start,   // run the program: `number` strings follow, each with its NUL: the path, then the
             // arguments after the name
    signal,  // send `number` to the program's process group
  };
  std::int32_t kind;
  std::int32_t number;
};

/// Of a `start` message with its strings; a socket's default buffer holds it.
inline constexpr int kLongestOrder = 128 * 1024;
/// Of the strings of a `start` message.
inline constexpr int kMostArguments = 1024;

struct FromKeeper {
  enum Kind : std::int32_t {
    started,        // value: the program's pid as the keeper sees it
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
