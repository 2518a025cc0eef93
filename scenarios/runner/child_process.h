// A process that the runner itself starts: the fake that mints certificates, the sidecar that is
// remote to the client.

#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "scenarios/runner/deadline.h"
#include "scenarios/runner/unique_fd.h"

namespace zlayer::scenarios {

using EnvironmentMap = std::map<std::string, std::string>;

/// Variables of this process that every child keeps: sanitizers and the loader need them.
EnvironmentMap EnvironmentOfEveryChild();

/// Move-only owner of a child: killed and reaped at the latest by the destructor.
class ChildProcess {
 public:
  /// Starts `argv[0]` with stdin and stderr on /dev/null and stdout on a pipe.
  static tl::expected<ChildProcess, std::string> Start(const std::vector<std::string>& argv,
                                                       const EnvironmentMap& environment);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  /// The next line of stdout without its newline; what came instead.
  tl::expected<std::string, std::string> ReadLine(const Deadline& deadline);

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
  UniqueFd stdout_;
};

}  // namespace zlayer::scenarios
