// Which builds run, and which wait for their turn.

#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace zlayer::fakes {

class BuildStream;

/// Thread-safe. Calls into a stream are made without the queue's lock.
class BuildQueue {
 public:
  explicit BuildQueue(std::uint32_t max_concurrent) : max_concurrent_(max_concurrent) {}

  /// The stream begins now or when a slot is free, in the order of Enter.
  void Enter(std::shared_ptr<BuildStream> build);

  /// The stream has ended: it gives its slot, its id and its place in the queue back.
  void Leave(BuildStream* build);

  /// False when no running build has this id. A build that waits cannot be cancelled by id.
  bool Cancel(const std::string& request_id);

 private:
  /// Takes builds off the queue as long as there are slots.
  void BeginNext();

  const std::uint32_t max_concurrent_;
  std::mutex mutex_;
  std::uint32_t slots_taken_ = 0;
  std::deque<std::shared_ptr<BuildStream>> waiting_;
  std::map<std::string, std::shared_ptr<BuildStream>> running_;  // by request id
};

}  // namespace zlayer::fakes
