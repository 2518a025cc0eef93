// System calls alone: posix_spawn(3), or fork(2) and execv(2); read(2), kill(2), waitid(2).

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "peers/peer.h"
#include "piped_child.h"
#include "stopwatch.h"

namespace zlayer::bench {
namespace {

int ForkExec(char* const* argv, int out, int err, pid_t* pid) {
  *pid = ::fork();
  if (*pid < 0) return errno;
  if (*pid > 0) return 0;
  const int null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::dup2(null, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(err, STDERR_FILENO);
  ::execv(argv[0], argv);
  ::_exit(127);  // seen as a fake without a line
}

template <Launch launch>
class PlainPeer final : public Peer {
 public:
  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    CycleTimes times;
    const Stopwatch start;
    auto child = PipedChild::Start(world, launch);
    if (!child) return tl::unexpected(std::move(child.error()));
    const std::string line = child->ReadLine();
    times.spawn_to_line = start.Seconds();
    if (!IsHandshakeLine(line)) return NoLine();

    const Stopwatch stop;
    child->Signal(SIGTERM);
    auto ended = child->Wait();
    times.term_to_reaped = stop.Seconds();
    if (!ended) return tl::unexpected(std::move(ended.error()));
    return times;
  }
};

const PeerRegistration<PlainPeer<&PosixSpawn>> kPosixSpawn("posix_spawn");
const PeerRegistration<PlainPeer<&ForkExec>> kForkExec("fork_exec");

}  // namespace
}  // namespace zlayer::bench
