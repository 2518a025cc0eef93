// Python's subprocess.Popen, in one Python program for all cycles: the interpreter's own start is
// not measured. python_peer.py has the clock.

#ifdef ZLAYER_PYTHON3

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "peers/peer.h"
#include "piped_child.h"

extern char** environ;

namespace zlayer::bench {
namespace {

class PythonPeer final : public Peer {
 public:
  /// The program ends when its stdin does, and has ended its fake by then.
  ~PythonPeer() override {
    if (pid_ <= 0) return;
    socket_ = Descriptor();
    siginfo_t info;
    while (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
    }
  }

  tl::expected<CycleTimes, std::string> Cycle(const World& world) override {
    if (pid_ <= 0) {
      if (const int error = Start(world); error != 0) {
        return tl::unexpected(ZLAYER_PYTHON3 ": " + std::string(std::strerror(error)));
      }
    }
    const bool asked = ::send(socket_.get(), "\n", 1, MSG_NOSIGNAL) == 1;
    const std::string answer = asked ? ReadLine(socket_.get()) : "";
    CycleTimes times;
    if (std::sscanf(answer.c_str(), "%lf %lf", &times.spawn_to_line, &times.term_to_reaped) != 2) {
      return tl::unexpected<std::string>("the Python program has failed: its stderr says why");
    }
    return times;
  }

 private:
  /// Returns an errno value.
  int Start(const World& world) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) return errno;
    socket_ = Descriptor(ends[0]);
    const Descriptor theirs(ends[1]);
    std::vector<std::string> words = FakeCommand(world);
    words.insert(words.begin(), {ZLAYER_PYTHON3, world.Beside("python_peer.py")});
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, theirs.get(), STDOUT_FILENO);
    const int error =
        ::posix_spawn(&pid_, words[0].c_str(), &actions, nullptr, Argv(words).data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) pid_ = -1;
    return error;
  }

  pid_t pid_ = -1;  // -1: not started
  Descriptor socket_;
};

const PeerRegistration<PythonPeer> kRegistration("python");

}  // namespace
}  // namespace zlayer::bench

#endif  // ZLAYER_PYTHON3
