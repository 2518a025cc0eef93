// A process that the runner itself starts: the fake that mints certificates, the sidecar that is
// remote to the client, a client that is a program, a worker of the runner.
//
// The fixture's ChildProcess does the work. Here are the runner's own habits: exact environments,
// deadlines, ends as a shell tells them, and errors as one line.

#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "scenarios/runner/process/deadline.h"
#include "scenarios/runner/process/unique_fd.h"
#include "zlayer/fakes/child_process.h"

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
  ~ChildProcess() { Stop(); }

  /// -1 once it is reaped.
  pid_t pid() const { return pid_; }

  /// The next line of stdout without its newline; what came instead.
  tl::expected<std::string, std::string> ReadLine(const Deadline& deadline);

  /// Writes `line` and a newline to stdin. Never blocks; false when the child is gone or has not
  /// read what it got before. From any thread.
  bool WriteLine(const std::string& line) const;

  /// The end of stdin.
  void CloseStdin() { child_->CloseIn(); }

  /// As a reader that goes away: what the child writes from now on fails.
  void CloseStdout() { child_->Close(fakes::Output::out); }

  bool alive() const;

  /// Waits for the end; its exit status, 128 + signal, or -1 when the deadline passed.
  int Wait(const Deadline& deadline);

  /// SIGTERM, SIGKILL after a second, reap. Nothing when it was waited for.
  void Stop();

 private:
  explicit ChildProcess(fakes::ChildProcess child)
      : child_(std::move(child)), pid_(child_->pid()) {}

  std::optional<fakes::ChildProcess> child_;  // empty: moved from
  pid_t pid_ = -1;                            // -1 once reaped
};

}  // namespace zlayer::scenarios
