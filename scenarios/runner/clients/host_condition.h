// Makes this process do what world.host asks for, on behalf of the embedded client: ignore SIGCHLD,
// reap every child, or start other programs ("siblings" of the sidecar) all the time.
//
//   HostCondition condition(v1::World::STARTS_SIBLINGS);
//   std::string leaked = condition.AwaitSibling(limit);  // empty: siblings have inherited nothing

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

/// The condition holds from the constructor to the destructor. It affects the whole process, so
/// there may be only one at a time.
class HostCondition {
 public:
  explicit HostCondition(v1::World::Host host);
  ~HostCondition();

  HostCondition(const HostCondition&) = delete;
  HostCondition& operator=(const HostCondition&) = delete;

  /// Waits until a sibling runs that was started after this call. Returns the descriptors above 2
  /// that any sibling has had so far and that this process did not have before the condition; empty
  /// when there are none. When no sibling starts within `limit`, returns why.
  std::string AwaitSibling(std::chrono::milliseconds limit);

 private:
  void StartSiblings(const std::stop_token& stop);

  struct sigaction before_ {};  // restored by the destructor
  bool handles_sigchld_ = false;
  std::set<std::string> own_;  // links of this process's descriptors before the condition
  std::mutex mutex_;
  std::condition_variable started_;
  std::size_t siblings_ = 0;  // started so far
  std::set<std::string> leaked_;
  std::jthread starter_;  // declared last: destroyed first, because it uses the others
};

}  // namespace zlayer::scenarios
