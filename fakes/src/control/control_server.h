// The thread that serves the control socket.

#pragma once

#include <list>
#include <mutex>
#include <string>
#include <thread>

#include "fakes/src/base/journal.h"
#include "fakes/src/base/unique_fd.h"
#include "fakes/src/control/answer.h"
#include "fakes/src/control/line_client.h"

namespace zlayer::fakes::daemon {

/// Clients at a time. When one more comes, the one that came first is disconnected.
inline constexpr size_t kMostClients = 64;

/// Answers requests until it is destroyed. One thread does everything, and waits for no single
/// client: one that never reads, or sends bytes without an end, holds up nobody.
class ControlServer {
 public:
  /// `listener` listens and is non-blocking. References must outlive this.
  ControlServer(UniqueFd listener, Answers& answers, Journal& journal);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  void Run();
  /// Waits until something has come. False: the server must end.
  bool Wait();
  void Accept();
  void Serve(LineClient& client);
  void Answer(LineClient& client, const std::string& line);
  void SetFollower(Journal::Follower follower);
  /// Hands what the journal got to those who follow it.
  void Feed();
  [[noreturn]] void Quit(LineClient& client, int code);

  const UniqueFd listener_;
  Answers& answers_;
  Journal& journal_;
  const UniqueFd stopped_;  // eventfd: the thread must end
  const UniqueFd fed_;      // eventfd: feed_ has lines
  std::list<LineClient> clients_;
  bool has_follower_ = false;
  bool has_descriptors_ = true;  // to accept a client
  std::mutex feeding_;           // guards feed_ and has_lost_
  std::string feed_;             // lines of the journal that no follower has got yet
  bool has_lost_ = false;
  std::thread thread_;
};

}  // namespace zlayer::fakes::daemon
