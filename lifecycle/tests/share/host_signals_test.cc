// What the host's signal handlers and masks are to the threads that the library makes, gRPC's
// included. Each test runs its host in a forked process.

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/share/run_host.h"

namespace zlayer::sidecar {
namespace {

using HostSignalsTest = FakeWorld;

/// The mask of blocked signals of each thread but the first.
std::vector<unsigned long> MasksOfOtherThreads() {
  std::vector<unsigned long> masks;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (task.path().filename() == std::to_string(::getpid())) continue;
    std::ifstream status(task.path() / "status");
    for (std::string line; std::getline(status, line);) {
      if (line.starts_with("SigBlk:")) masks.push_back(std::stoul(line.substr(8), nullptr, 16));
    }
  }
  return masks;
}

bool Blocks(unsigned long mask, int signal) { return (mask >> (signal - 1) & 1) != 0; }

#ifndef ZLAYER_THREAD_SANITIZER  // its own thread blocks every signal

TEST_F(HostSignalsTest, OurThreadsAndThoseOfGrpcTakeFaultsAndNothingElse) {
  EXPECT_EQ(RunHost([&] {
              SidecarLifecycle lifecycle(config_, options_);
              const auto live = lifecycle.Ensure().value();
              const auto masks = MasksOfOtherThreads();
              if (masks.size() < 2) return 1;
              for (const unsigned long mask : masks) {
                for (const int open :
                     {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) {
                  if (Blocks(mask, open)) return 100 + open;
                }
                for (const int closed : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM}) {
                  if (!Blocks(mask, closed)) return 200 + closed;
                }
              }
              return 0;
            }),
            0);
}

#endif

TEST_F(HostSignalsTest, AHostThatWaitsForItsSignalsKeepsThem) {
  EXPECT_EQ(RunHost([&] {
              sigset_t all;
              sigfillset(&all);
              ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
              SidecarLifecycle lifecycle(config_, options_);
              const auto live = lifecycle.Ensure().value();
              for (const unsigned long mask : MasksOfOtherThreads()) {
                for (const int taken : {SIGABRT, SIGPROF}) {
                  if (!Blocks(mask, taken)) return 1;
                }
              }
              sigset_t after;
              ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
              return sigismember(&after, SIGSEGV) == 1 ? 0 : 2;
            }),
            0);
}

TEST_F(HostSignalsTest, TheHostsCrashHandlerRunsForAFaultInACallback) {
  const auto crash = [](auto&&...) { ::raise(SIGSEGV); };
  for (const bool on_loop : {false, true}) {
    EXPECT_EQ(RunHost([&] {
                ::signal(SIGSEGV, [](int) { ::_exit(42); });
                if (on_loop) {
                  options_.on_lost = crash;
                } else {
                  options_.on_phase = crash;
                }
                SidecarLifecycle lifecycle(config_, options_);
                const auto live = lifecycle.Ensure().value();
                ::kill(live.pid().value(), SIGKILL);
                while (live.alive()) ::sched_yield();
                lifecycle.Shutdown();
                return 1;
              }),
              42);
  }
}

}  // namespace
}  // namespace zlayer::sidecar
