// What else a client's process does (world.host), for a client that runs in this one.
//
//   HostCondition condition(v1::World::STARTS_SIBLINGS);
//   std::string leaked = condition.AwaitSibling();  // what it should not have inherited

#pragma once

#include <signal.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "zlayer/proto/scenario.pb.h"

namespace zlayer::scenarios {

/// Holds from the constructor to the destructor, for the whole process: one at a time.
class HostCondition {
 public:
  explicit HostCondition(v1::World::Host host);
  ~HostCondition();

  HostCondition(const HostCondition&) = delete;
  HostCondition& operator=(const HostCondition&) = delete;

  /// Waits until a sibling runs that was started after the call. Every descriptor above 2 that a
  /// sibling has had so far and that this process did not have before the condition; empty: none.
  /// Not in time, or no siblings: why.
  std::string AwaitSibling(std::chrono::milliseconds limit);

 private:
  void StartSiblings(const std::stop_token& stop);

  struct sigaction before_ {};
  bool handles_sigchld_ = false;
  std::set<std::string> own_;  // links of this process's descriptors before the condition
  std::mutex mutex_;
  std::condition_variable started_;
  std::size_t siblings_ = 0;  // started so far
  std::set<std::string> leaked_;
  std::jthread starter_;  // last: it uses the others
};

}  // namespace zlayer::scenarios
