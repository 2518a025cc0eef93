// Limits how many builds run at once (`--max-concurrent`); further builds wait in order.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace zlayer::fakes::daemon {

class BuildStream;

/// Thread-safe. The queue holds no lock while it calls a BuildStream, because the stream locks
/// itself and may call the queue.
class BuildQueue {
 public:
  explicit BuildQueue(std::uint32_t max_concurrent);

  /// Adds a build. The build begins at once or as soon as a slot is free, in the order of Enter().
  void Enter(std::shared_ptr<BuildStream> build);

  /// Removes a build that has ended, and begins the next one. Frees its slot and its request id.
  void Leave(BuildStream* build);

  /// Cancels the running build with this id, once more if need be. False when there is none; a
  /// waiting build does not count, as in the deployed daemon.
  bool Cancel(const std::string& request_id);

  /// Ends the RUN steps that run, as buildah does on SIGTERM and SIGINT: it passes the signal on.
  void SignalSteps();

  /// Says when the RPCs that are still open will be cancelled. Builds that are cancelled by then
  /// end at once.
  void StopHardAfter(std::chrono::milliseconds limit);
  /// Whether that time has come.
  bool StopsHard() const;

  /// Lets the running build with this id ("": every one) go on behind its `hold` step. Returns how
  /// many stood at one.
  std::uint32_t Release(const std::string& request_id);

 private:
  /// Begins waiting builds while there are free slots.
  void BeginNext();
  /// The running build with this id ("": every one).
  std::vector<std::shared_ptr<BuildStream>> Running(const std::string& request_id) const;

  const std::uint32_t max_concurrent_;
  std::atomic<std::int64_t> stops_hard_at_;  // MonotonicNs()
  mutable std::mutex mutex_;
  std::uint32_t slots_taken_ = 0;
  std::deque<std::shared_ptr<BuildStream>> waiting_;
  std::map<std::string, std::shared_ptr<BuildStream>> running_;  // by request id
};

}  // namespace zlayer::fakes::daemon
