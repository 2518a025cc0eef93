// A process that gets the pid of a process that has ended (the step reuse_pid). A client that still
// signals that pid kills it, which the runner notices.

#pragma once

#include <sys/types.h>

#include <tl/expected.hpp>

#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {

/// Owns a process that only sleeps. Any signal whose default action is to terminate ends it.
/// Move-only; the destructor kills and reaps it.
class PidSquatter {
 public:
  /// Waits until `pid` is free and starts the process with that pid, as the leader of a process
  /// group of its own, whose id is the same number. Else an errno: EPERM where this process may not
  /// choose pids, EEXIST when `pid` is not free within two seconds.
  static tl::expected<PidSquatter, int> Start(pid_t pid);

  PidSquatter(PidSquatter&& other) noexcept;
  PidSquatter& operator=(PidSquatter&& other) noexcept;
  ~PidSquatter();

  bool alive() const;

 private:
  PidSquatter() = default;

  pid_t pid_ = -1;
  UniqueFd pidfd_;
};

}  // namespace zlayer::scenarios
