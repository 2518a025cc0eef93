// A process that has been given the id of one that ended.

#pragma once

#include <sys/types.h>

#include <tl/expected.hpp>

#include "scenarios/runner/process/unique_fd.h"

namespace zlayer::scenarios {

/// Does nothing, and ends by any signal that is not ignored by default. Move-only; killed and
/// reaped at the latest by the destructor.
class PidSquatter {
 public:
  /// Starts one as the leader of a process group of its own, once `pid` is free; or an errno: EPERM
  /// where this process may not choose ids, EEXIST when it does not become free in two seconds.
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
