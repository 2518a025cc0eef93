// The floor of a start and a stop: posix_spawn and waitid of the same fake, without the library and
// without any of its promises.
//
//   auto fake = BareFake::Start(world);          // returns when the handshake line has been read
//   auto stopped = fake->Stop();                 // SIGTERM, wait on the pidfd, reap

#pragma once

#include <sys/types.h>

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "fakes/fixture/unique_fd.h"
#include "world.h"

namespace zlayer::bench {

/// A fake started by posix_spawn(3). Its stdout is a pipe, its stderr /dev/null. The destructor
/// kills and reaps it.
class BareFake {
 public:
  static tl::expected<BareFake, std::string> Start(const World& world) {
    return StartProgram(world, world.binary(), {});
  }
  /// Another program that prints such a line, with `more` behind the fake's arguments.
  static tl::expected<BareFake, std::string> StartProgram(const World& world,
                                                          const std::string& program,
                                                          const std::vector<std::string>& more);

  BareFake(BareFake&& other) noexcept;
  BareFake& operator=(BareFake&&) = delete;
  ~BareFake();

  /// The host:port of its handshake line.
  const std::string& address() const { return address_; }

  /// Fails unless the fake exits with status 0.
  tl::expected<void, std::string> Stop();

 private:
  BareFake(pid_t pid, fakes::fixture::UniqueFd out) : pid_(pid), stdout_(std::move(out)) {}

  pid_t pid_;  // -1 once reaped
  fakes::fixture::UniqueFd stdout_;
  std::string address_;
};

}  // namespace zlayer::bench
