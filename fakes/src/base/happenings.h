// What happens in this process, as far as a `when` waits for it: faults that fire, signals that
// come, RPCs that the service answers.
//
//   const auto expected = happenings.Expect(when, index);
//   happenings.SignalCame(SIGTERM);
//   if (const auto since = happenings.Since(*expected)) ...

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "fakes/src/base/unique_fd.h"
#include "zlayer/proto/fault_plan.pb.h"

namespace zlayer::fakes::daemon {

/// Thread-safety: every function may be called from any thread. Times are monotonic nanoseconds.
class Happenings {
 public:
  /// What the `when` of one fault waits for, and when each part of it happened. Belongs to its
  /// Happenings.
  struct Expected {
    v1::Trigger when;
    int index = 0;  ///< of the fault, which does not wait for itself
    std::uint32_t rpcs = 0;
    std::optional<std::int64_t> fault_ns = {};
    std::optional<std::int64_t> signal_ns = {};
    std::optional<std::int64_t> rpcs_ns = {};
  };

  /// Counts from now on, as long as the caller keeps it. Null when `when` waits for nothing.
  std::shared_ptr<Expected> Expect(const v1::Trigger& when, int index);

  /// Since when all of it has happened; nullopt: not yet.
  std::optional<std::int64_t> Since(const Expected& expected) const;

  void FaultFired(int index, const std::string& kind);
  void SignalCame(int number);
  void RpcAnswered();

  /// An eventfd that becomes readable at every happening from now on. The caller keeps it as long
  /// as it watches.
  std::shared_ptr<const UniqueFd> Watch();

 private:
  /// Calls `happened` for everything that is expected, then wakes who watches.
  template <typename Happened>
  void Tell(Happened happened);

  // Faults that are armed and disarmed leave nothing here.
  mutable std::mutex lock_;
  std::vector<std::weak_ptr<Expected>> expected_;
  std::vector<std::weak_ptr<const UniqueFd>> watchers_;
};

}  // namespace zlayer::fakes::daemon
