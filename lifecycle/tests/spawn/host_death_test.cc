// The host is killed: its sidecar is stopped by the keeper, as the host would have stopped it.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "lifecycle/tests/share/witness.h"
#include "lifecycle/tests/spawn/shell_launch.h"

namespace zlayer::sidecar {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Reads until `text` has come.
bool Reads(int fd, const std::string& text) {
  std::string output;
  pollfd readable{fd, POLLIN, 0};
  while (output.find(text) == output.npos && ::poll(&readable, 1, 20'000) == 1) {
    std::array<char, 256> bytes;
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got <= 0) return false;
    output.append(bytes.data(), static_cast<size_t>(got));
  }
  return output.find(text) != output.npos;
}

class HostDeathTest : public testing::TestWithParam<Containment> {
 protected:
  /// A host in a child process starts `script`, waits until it has printed "up", orders SIGTERM if
  /// `terminate` and waits for "term". Then the host is killed.
  void KillAHostOf(const std::string& script, milliseconds grace, bool terminate = false) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const UniqueFd ready(ends[0]);
    UniqueFd is_ready(ends[1]);
    const pid_t host = ::fork();
    ASSERT_GE(host, 0);
    if (host == 0) RunHost(script, grace, terminate, is_ready.get());
    is_ready.reset();
    EXPECT_TRUE(Reads(ready.get(), "ready"));
    killed_ = Clock::now();
    ::kill(host, SIGKILL);
    EXPECT_EQ(::waitpid(host, nullptr, 0), host);
  }

  const Witness witness_;
  const TemporaryDirectory directory_;
  Deadline killed_;

 private:
  [[noreturn]] void RunHost(const std::string& script, milliseconds grace, bool terminate,
                            int is_ready) {
    LaunchRequest request{"/bin/sh",
                          {"-c", "exec 9>" + witness_.path() + "; " + script},
                          SmallEnvironment(),
                          GetParam(),
                          ""};
    request.grace = grace;
    const auto launched = LaunchWhole(nullptr, std::move(request));
    bool up = launched && Reads(launched->stdout_pipe.get(), "up\n");
    if (up && terminate) {
      launched->handle->SignalGroup(SIGTERM);
      up = Reads(launched->stdout_pipe.get(), "term\n");
    }
    if (!up || ::write(is_ready, "ready", 5) != 5) ::_exit(1);
    for (;;) ::pause();
  }
};

TEST_P(HostDeathTest, TheSidecarGetsSigtermAndItsGrace) {
  const std::string note = directory_ / "note";
  KillAHostOf(
      "trap 'echo term >" + note + "; exit' TERM; echo up; while :; do sleep 100 & wait; done",
      seconds(100));
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));  // at once, not after the grace
  std::string word;
  std::ifstream(note) >> word;
  EXPECT_EQ(word, "term");
}

TEST_P(HostDeathTest, AStubbornSidecarIsKilledAfterTheGrace) {
  KillAHostOf("trap '' TERM; echo up; while :; do sleep 100; done", milliseconds(300));
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
  EXPECT_GE(Clock::now() - killed_, milliseconds(300));
}

TEST_P(HostDeathTest, TheSidecarCanStillLogMoreThanAPipeHolds) {
  const std::string note = directory_ / "note";
  KillAHostOf(
      "trap 'echo stopping >&2; head -c 300000 /dev/zero >&2 && head -c 300000 /dev/zero && "
      "echo done >" +
          note + "; exit' TERM; echo up; while :; do sleep 100 & wait; done",
      seconds(100));
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
  std::string word;
  std::ifstream(note) >> word;
  EXPECT_EQ(word, "done");
}

TEST_P(HostDeathTest, AStoppedSidecarGetsSigterm) {
  KillAHostOf("echo up; kill -STOP $$; exec sleep 100", seconds(100));
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
}

TEST_P(HostDeathTest, ASidecarThatWasBeingStoppedGetsNoSecondSigterm) {
  const std::string note = directory_ / "note";
  KillAHostOf(
      "trap 'echo term | tee -a " + note + "' TERM; echo up; while :; do sleep 100 & wait; done",
      milliseconds(500), true);
  EXPECT_TRUE(witness_.AllGoneWithin(seconds(20)));
  std::string first;
  std::string second;
  std::ifstream(note) >> first >> second;
  EXPECT_EQ(first, "term");
  EXPECT_EQ(second, "");
}

#ifdef ZLAYER_THREAD_SANITIZER
const auto kLevels = testing::Values(Containment::keeper);
#else
const auto kLevels = testing::Values(Containment::keeper, Containment::pid_namespace);
#endif
INSTANTIATE_TEST_SUITE_P(, HostDeathTest, kLevels,
                         [](const auto& level) { return LevelName(level.param); });

}  // namespace
}  // namespace zlayer::sidecar
