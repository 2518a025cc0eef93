// Lets a stop signal kill the process during a part of the start that does not wait by Signals.

#pragma once

namespace zlayer::fakes::daemon {

/// While it lives, SIGTERM and SIGINT kill the process at once, also while the main thread opens a
/// file that is a FIFO or writes to a full stderr. Such a death is not journaled. Main thread only.
class StopKills {
 public:
  /// False: changes nothing, because a fault ignores these signals.
  explicit StopKills(bool kills);
  ~StopKills();
  StopKills(const StopKills&) = delete;
  StopKills& operator=(const StopKills&) = delete;

 private:
  const bool kills_;
};

}  // namespace zlayer::fakes::daemon
