// A process that the runner itself starts: the fake that mints certificates, the sidecar that is
// remote to the client, a client that is a program, a worker of the runner.

#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/process/deadline.h"
#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {

using EnvironmentMap = std::map<std::string, std::string>;

/// Longest line that ReadLine takes, in bytes.
inline constexpr size_t kLongestLine = size_t{1} << 20;

/// What a child is connected to besides the pipe at its stdout.
struct ChildPipes {
  bool write_stdin = false;  // false: stdin is /dev/null
  int stderr_fd = -1;        // negative: stderr is /dev/null
  int stdout_fd = -1;        // negative: a pipe, for ReadLine
};

/// The whole environment of this process.
EnvironmentMap OwnEnvironment();

/// Variables of this process that every child keeps: sanitizers and the loader need them.
EnvironmentMap EnvironmentOfEveryChild();

/// Move-only owner of a child: killed and reaped at the latest by the destructor.
class ChildProcess {
 public:
  /// Starts the program `argv[0]`, a path, as the leader of a process group of its own.
  static tl::expected<ChildProcess, std::string> Start(const std::vector<std::string>& argv,
                                                       const EnvironmentMap& environment,
                                                       const ChildPipes& pipes = {});

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  /// The next line of stdout without its newline; what came instead.
  tl::expected<std::string, std::string> ReadLine(const Deadline& deadline);

  /// Writes `line` and a newline to stdin. Never blocks; false when the child is gone or has not
  /// read what it got before. From any thread.
  bool WriteLine(const std::string& line) const;

  /// The end of stdin.
  void CloseStdin() { stdin_.reset(); }

  /// As a reader that goes away: what the child writes from now on fails.
  void CloseStdout() { stdout_.reset(); }

  bool alive() const;

  /// Waits for the end; its exit status, 128 + signal, or -1 when the deadline passed.
  int Wait(const Deadline& deadline);

  /// SIGTERM, SIGKILL after a second, reap. Nothing when it was waited for.
  void Stop();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;  // -1 once reaped
  UniqueFd pidfd_;
  UniqueFd stdin_;
  UniqueFd stdout_;
  std::string read_;  // what came after the last line
};

}  // namespace zlayer::scenarios
