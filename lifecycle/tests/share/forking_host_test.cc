// Hosts that fork without exec, become daemons, or close every descriptor. Each test runs its host
// in a forked process.
//
// ZLAYER_FORKS=1000 lets ALiveSidecarSurvivesForks fork so often.

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "lifecycle/src/base/forked.h"
#include "lifecycle/tests/share/fake_world.h"
#include "lifecycle/tests/share/run_host.h"
#include "zlayer/proto/buildah_sidecar.grpc.pb.h"
#include "zlayer/sidecar/build.h"
#include "zlayer/sidecar/call.h"

#ifdef __SANITIZE_ADDRESS__
/// LeakSanitizer asks this. A forked child has not the stacks of its parent's threads, so what only
/// they point to looks lost there.
extern "C" int __lsan_is_turned_off() { return zlayer::sidecar::InForkedChild() ? 1 : 0; }
#endif

namespace zlayer::sidecar {
namespace {

using buildah_sidecar::v1::BuildRequest;
using buildah_sidecar::v1::BuildService;
using buildah_sidecar::v1::InspectRequest;
using buildah_sidecar::v1::InspectResponse;

class ForkingHostTest : public FakeWorld {
 protected:
  std::unique_ptr<SidecarLifecycle> NewLifecycle() {
    return std::make_unique<SidecarLifecycle>(config_, options_);
  }

  /// What a forked child sees of a sidecar of its parent: 0, or the number of what is wrong. Ends
  /// both objects, as an orderly child does.
  int InTheChild(std::unique_ptr<SidecarLifecycle> lifecycle, std::optional<LiveSidecar> live) {
    const auto refuses = [](const auto& result) {
      return !result && result.error().kind == ErrorKind::spawn_failed &&
             result.error().message.find("forked") != std::string::npos;
    };
    if (live->alive()) return 1;
    if (!refuses(lifecycle->Ensure())) return 2;
    if (!refuses(NewLifecycle()->Ensure())) return 3;
    if (!refuses(RunBuild(*live, BuildRequest()))) return 4;
    if (!refuses(lifecycle->EnsureUntil(std::chrono::steady_clock::now()))) return 7;
    if (!refuses(Call(*live, &BuildService::Stub::Inspect, InspectRequest()))) return 8;
    if (!live->StderrTail().empty()) return 9;
    const auto why = live->Explain(grpc::Status(grpc::StatusCode::UNAVAILABLE, ""));
    if (why.kind != ErrorKind::spawn_failed) return 5;
    lifecycle->DropConnection();
    if (lifecycle->Shutdown()) return 6;
    const auto stopped = lifecycle->ShutdownUntil(std::chrono::steady_clock::now());
    if (!stopped || *stopped) return 10;
    live.reset();
    lifecycle.reset();
    return 0;
  }
};

grpc::Status Inspect(const LiveSidecar& live) {
  const auto context = live.NewContext();
  InspectResponse response;
  return BuildService::NewStub(live.Channel())->Inspect(context.get(), InspectRequest(), &response);
}

TEST_F(ForkingHostTest, ALiveSidecarSurvivesForks) {
  const char* const wanted = std::getenv("ZLAYER_FORKS");
  const int forks = wanted != nullptr ? std::atoi(wanted) : 100;
  EXPECT_EQ(RunHost(
                [&] {
                  auto lifecycle = NewLifecycle();
                  std::optional<LiveSidecar> live = lifecycle->Ensure().value();
                  for (int i = 0; i < forks; ++i) {
                    const int seen = RunHost(
                        [&] { return InTheChild(std::move(lifecycle), std::move(live)); }, 10'000);
                    if (seen != 0) return seen;
                    if (!live->alive() || !Inspect(*live).ok()) return 100;
                  }
                  return lifecycle->Ensure().value().pid() == live->pid() ? 0 : 101;
                },
                50'000 + forks * 100),
            0);
}

TEST_F(ForkingHostTest, AForkedChildThatExitsRunsEveryDestructor) {
  EXPECT_EQ(RunHost([&] {
              static std::unique_ptr<SidecarLifecycle> lifecycle = NewLifecycle();
              static std::optional<LiveSidecar> live = lifecycle->Ensure().value();
              const int seen = RunHost([]() -> int { std::exit(7); }, 10'000);
              if (seen != 7) return seen;
              return Inspect(*live).ok() ? 0 : 100;
            }),
            0);
}

TEST_F(ForkingHostTest, AChildForkedBeforeTheFirstEnsureUsesTheLibrary) {
  EXPECT_EQ(RunHost([&] {
              auto lifecycle = NewLifecycle();
              return RunHost([&] { return lifecycle->Ensure() ? 0 : 1; });
            }),
            0);
}

TEST_F(ForkingHostTest, AChildForkedAfterTheLastSidecarIsRefusedToo) {
  EXPECT_EQ(RunHost([&] {
              if (!NewLifecycle()->Ensure()) return 1;
              // gRPC is still up.
              return RunHost([&] { return NewLifecycle()->Ensure() ? 2 : 0; });
            }),
            0);
}

TEST_F(ForkingHostTest, CallsFailAtOnceAlthoughASleepingChildHasCopiesOfTheDescriptors) {
  options_.rpc_timeout = std::chrono::seconds(60);
  EXPECT_EQ(RunHost([&] {
              auto lifecycle = NewLifecycle();
              const auto live = lifecycle->Ensure().value();
              const pid_t sleeper = ::fork();
              if (sleeper == 0) {
                ::prctl(PR_SET_PDEATHSIG, SIGKILL);
                ::pause();
                ::_exit(0);
              }
              ::kill(live.pid().value(), SIGKILL);
              const bool lost = WaitForLost(1);
              const auto status = Inspect(live);  // RunHost ends it before rpc_timeout
              ::kill(sleeper, SIGKILL);
              ::waitpid(sleeper, nullptr, 0);
              if (!lost) return 1;
              return status.error_code() == grpc::StatusCode::UNAVAILABLE ? 0 : 2;
            }),
            0);
}

TEST_F(ForkingHostTest, ADaemonHasNoSidecarOfTheProcessThatItWas) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const UniqueFd result(ends[0]);
  UniqueFd daemons_end(ends[1]);
  EXPECT_EQ(RunHost([&] {
              auto lifecycle = NewLifecycle();
              std::optional<LiveSidecar> live = lifecycle->Ensure().value();
              if (::daemon(1, 1) != 0) return 1;  // the first process exits here, with status 0
              const char seen = static_cast<char>(InTheChild(std::move(lifecycle), live));
              return ::write(daemons_end.get(), &seen, 1) == 1 ? 0 : 2;
            }),
            0);
  daemons_end.reset();
  pollfd told{result.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&told, 1, 20'000), 1);
  char seen = 99;
  ASSERT_EQ(::read(result.get(), &seen, 1), 1);
  EXPECT_EQ(seen, 0);
}

TEST_F(ForkingHostTest, TheSidecarOfADeadHostEndsAlthoughAForkedChildLives) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  EXPECT_EQ(RunHost([&]() -> int {
              auto lifecycle = NewLifecycle();
              const auto live = lifecycle->Ensure().value();
              const pid_t child = ::fork();
              if (child == 0) {
                ::pause();
                ::_exit(0);
              }
              const pid_t pids[] = {child, live.pid().value()};
              ::_exit(::write(ends[1], pids, sizeof pids) == sizeof pids ? 0 : 1);
            }),
            0);
  pid_t pids[2];
  ASSERT_EQ(::read(ends[0], pids, sizeof pids), static_cast<ssize_t>(sizeof pids));
  const UniqueFd sidecar(static_cast<int>(::syscall(SYS_pidfd_open, pids[1], 0)));
  pollfd ended{sidecar.get(), POLLIN, 0};
  // Without a pidfd it has ended already.
  EXPECT_TRUE(!sidecar || ::poll(&ended, 1, 20'000) == 1);
  ::kill(pids[0], SIGKILL);
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(ForkingHostTest, AfterTheHostClosedEveryDescriptorTheSidecarCanStillBeStopped) {
  for (const Containment containment : {Containment::keeper, Containment::group}) {
    options_.containment = containment;
    EXPECT_EQ(RunHost(
                  [&] {
                    auto lifecycle = NewLifecycle();
                    const pid_t sidecar = lifecycle->Ensure().value().pid().value();
                    ::close_range(3, ~0U, 0);
                    if (!lifecycle->Shutdown()) return 1;
                    if (::kill(sidecar, 0) == 0) return 2;
                    if (::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD) return 3;
                    const auto again = lifecycle->Ensure();
                    if (again ||
                        again.error().message.find("closed the descriptors") == std::string::npos) {
                      return 4;
                    }
                    lifecycle.reset();
                    return 0;
                  },
                  15'000),
              0)
        << static_cast<int>(containment);
  }
}

}  // namespace
}  // namespace zlayer::sidecar
