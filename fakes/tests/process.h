// A program under test, seen from outside: its pipes, its end, its process id.
//
//   Process fake({.program = path, .arguments = {"--version"}});
//   EXPECT_EQ(fake.Wait(), Ended::WithCode(0));
//   EXPECT_EQ(fake.Stdout(), "...");

#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "fakes/src/unique_fd.h"

namespace zlayer::fakes {

/// Longer than anything that a sound program takes on a busy machine.
inline constexpr std::chrono::milliseconds kPatience{20'000};

/// How a process ended.
struct Ended {
  int code = -1;
  int signal = 0;

  static Ended WithCode(int code) { return {code, 0}; }
  static Ended BySignal(int signal) { return {-1, signal}; }
  bool operator==(const Ended&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Ended& ended);

struct Command {
  std::string program;
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment = {};  ///< over this process's own
  std::string input = "/dev/null";                      ///< the file that is its stdin
  bool block_signals = false;  ///< start it with every signal blocked and SIGALRM ignored
};

/// Killed and reaped with its owner. Not synchronised.
class Process {
 public:
  explicit Process(const Command& command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void Kill(int signal) const;

  /// What came on stdout up to and with `end`; empty optional: it did not come in time.
  std::optional<std::string> ReadStdoutUntil(const std::string& end,
                                             std::chrono::milliseconds limit = kPatience);
  /// The same for stderr.
  std::optional<std::string> ReadStderrUntil(const std::string& end,
                                             std::chrono::milliseconds limit = kPatience);

  /// Reads `size` bytes of stdout or stderr and forgets them. False: they did not come in time.
  bool DrainStdout(size_t size);
  bool DrainStderr(size_t size);

  /// How it ended, within the limit; its pipes are drained meanwhile. Empty: it lives.
  std::optional<Ended> Wait(std::chrono::milliseconds limit = kPatience);

  /// True when it is still alive after `span`.
  bool LivesFor(std::chrono::milliseconds span) const;

  /// Reads nothing; true when stdout has, or gets, its end of file within the limit.
  bool StdoutEnds(std::chrono::milliseconds limit = kPatience);
  void CloseStdout() { stdout_.fd.Reset(); }

  /// Everything that was read so far.
  const std::string& Stdout() const { return stdout_.text; }
  const std::string& Stderr() const { return stderr_.text; }

 private:
  struct Stream {
    UniqueFd fd;
    std::string text;
  };
  static std::optional<std::string> ReadUntil(Stream& stream, const std::string& end,
                                              std::chrono::milliseconds limit);
  static bool Drain(Stream& stream, size_t size);

  pid_t pid_ = -1;
  UniqueFd pidfd_;
  Stream stdout_;
  Stream stderr_;
  std::optional<Ended> ended_;
};

}  // namespace zlayer::fakes
